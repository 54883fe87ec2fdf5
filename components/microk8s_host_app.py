"""One service of the MicroK8s on a host, which its deploy document applies and judges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi

from components.documents.kubernetes.host_files import manifests_text
from components.documents.kubernetes.spec import KubernetesServiceSpec
from components.host_rollout import HostRolloutWish, make_rollout
from components.record_entry import entry_of

_SLACK = 120  # seconds: for the pull before it, and for putting back


@dataclass(frozen=True, kw_only=True)
class MicroK8sHostAppArgs(HostRolloutWish):
    """What to run, and where."""

    service: KubernetesServiceSpec
    """The service as the stack file writes it."""
    files: Mapping[str, str]
    """The service's own files in the bundle, for a preview to show."""


class MicroK8sHostApp(pulumi.ComponentResource):
    """Runs one image, by its digest, as pods of the MicroK8s on a host, or of each of its hosts.

    The API's port stays closed: the host applies what its bundle holds. If a new version does not
    get ready in time, the one before is put back there and the update fails.
    """

    url: pulumi.Output[str] | None
    """Where it answers; None if nothing outside of the cluster reaches it."""
    digest: pulumi.Output[str]
    """The digest that really runs."""
    version: pulumi.Output[str]
    """The image's name for people."""
    verdict: pulumi.Output[str]
    """What came of the rollout, in words."""
    entry: Mapping[str, pulumi.Input[Any]]
    """What the record of an update says of it."""

    def __init__(
        self, name: str, args: MicroK8sHostAppArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """`name` is the logical name."""
        super().__init__("slipway:index:MicroK8sHostApp", name, None, opts)
        rollout = make_rollout(
            self,
            name,
            args,
            service=args.service.name,
            kind="kubernetes",
            timeout=args.service.timeout + _SLACK,
            manifests=manifests_text(args.files),
        )
        self.url = self._url(args)
        self.digest, self.verdict = rollout.deployed_digest, rollout.verdict
        self.version = args.image.tag
        self.entry = entry_of("microk8s", args.image, rollout)
        told = {"digest": self.digest, "version": self.version, "verdict": self.verdict}
        self.register_outputs({"url": self.url, **told})

    def _url(self, args: MicroK8sHostAppArgs) -> pulumi.Output[str] | None:
        service = args.service
        if service.host is not None:
            scheme = "https" if service.tls_secret else "http"
            return pulumi.Output.from_input(f"{scheme}://{service.host}")
        if service.publish is not None:
            return pulumi.Output.format("http://{0}:{1}", args.host.address, service.publish)
        return None
