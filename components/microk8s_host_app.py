"""One service of the MicroK8s on a host, which its deploy document applies and judges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pulumi

from components.documents.kubernetes.host_files import manifests_text
from components.documents.kubernetes.spec import KubernetesServiceSpec
from components.host import Host
from components.host_service import DeployableImage
from provider.sdk import HostRollout, HostRolloutArgs

_SLACK = 120  # seconds: for the pull before it, and for putting back


@dataclass(frozen=True, kw_only=True)
class MicroK8sHostAppArgs:
    """What to run, and where."""

    service: KubernetesServiceSpec
    """The service as the stack file writes it."""
    image: DeployableImage
    """What it is an instance of."""
    host: Host
    """Where MicroK8s runs."""
    bucket: pulumi.Input[str]
    """Bucket of the deploy bundle."""
    bundle_key: pulumi.Input[str]
    """Key of the deploy bundle."""
    bundle_sha256: pulumi.Input[str]
    """SHA-256 of the deploy bundle."""
    bundle_version: pulumi.Input[str]
    """Version of the deploy bundle."""
    fingerprint: pulumi.Input[str]
    """Hash of the service's own files in it: another one redeploys."""
    files: Mapping[str, str]
    """These files, for a preview to show."""
    release: str | None = None
    """The version of this update, if the stack has versions."""
    again: bool = False
    """Deploys it though nothing changed."""
    policy: Literal["independent", "together"] = "independent"
    """What becomes of the other services of the stack if this one fails."""
    concurrency: str = "100%"
    """How many machines switch at once: a number or a percentage."""
    errors: str = "0"
    """How many machines may fail before the rest is not begun: a number or a percentage."""
    on_failure: Literal["put-back", "hold"] = "put-back"
    """What becomes of the machines that had switched when too many fail."""


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
        rollout = self._create_rollout(name, args)
        self.url = self._url(args)
        self.digest, self.verdict = rollout.deployed_digest, rollout.verdict
        self.version = args.image.tag
        self.entry = {
            "target": "microk8s",
            "image": args.image.ref,
            "digest": rollout.deployed_digest,
            "version": args.image.tag,
            "reason": rollout.reason,
            "verdict": rollout.verdict,
            "seconds": rollout.seconds,
            "deployment": rollout.deployment,
        }
        told = {"digest": self.digest, "version": self.version, "verdict": self.verdict}
        self.register_outputs({"url": self.url, **told})

    def _create_rollout(self, name: str, args: MicroK8sHostAppArgs) -> HostRollout:
        return HostRollout(
            f"{name}-rollout",
            HostRolloutArgs(
                service=args.service.name,
                kind="kubernetes",
                instances=args.host.instance_ids,
                document=args.host.document_name,
                document_hash=args.host.document_hash,
                bucket=args.bucket,
                bundle_key=args.bundle_key,
                bundle_sha256=args.bundle_sha256,
                image=args.image.ref,
                digest=args.image.digest,
                version=args.bundle_version,
                fingerprint=args.fingerprint,
                manifests=manifests_text(args.files),
                timeout=args.service.timeout + _SLACK,
                release=args.release,
                again=args.again,
                policy=args.policy,
                concurrency=args.concurrency,
                errors=args.errors,
                on_failure=args.on_failure,
                log_group=args.host.log_group,
                tag=args.host.tag,
            ),
            pulumi.ResourceOptions(parent=self),
        )

    def _url(self, args: MicroK8sHostAppArgs) -> pulumi.Output[str] | None:
        service = args.service
        if service.host is not None:
            scheme = "https" if service.tls_secret else "http"
            return pulumi.Output.from_input(f"{scheme}://{service.host}")
        if service.publish is not None:
            return pulumi.Output.format("http://{0}:{1}", args.host.address, service.publish)
        return None
