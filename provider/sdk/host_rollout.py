"""`HostRollout` as a Pulumi program writes it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import pulumi
from pulumi import Input

from provider.sdk.base import inputs_of


@dataclasses.dataclass(frozen=True, kw_only=True)
class HostRolloutArgs:
    """One service or job on a set of hosts, switched by an SSM document."""

    service: str
    """Name of the service and of its unit. Another one replaces the resource."""
    kind: str
    """"service", which keeps running, "job", which runs to its end at each deploy, or
    "kubernetes", whatever MicroK8s runs."""
    instances: Input[Sequence[Input[str]]]
    """EC2 instance ids, 1 to 1000. A diff; one that joined or left disturbs no other host."""
    document: Input[str]
    """Name of the deploy document. A diff."""
    document_hash: Input[str]
    """SHA-256 that AWS has of the document; pinned at each run. A diff."""
    bucket: Input[str]
    """Bucket of the deploy bundle."""
    bundle_key: Input[str]
    """Key of the deploy bundle in the bucket."""
    bundle_sha256: Input[str]
    """SHA-256 of the deploy bundle, checked on the host before unpacking."""
    image: Input[str]
    """repository:tag@digest: what to run. A diff."""
    digest: Input[str]
    """The digest that has to run in the end. A diff."""
    version: Input[str]
    """Version of the bundle. By itself no diff: a new commit redeploys nothing."""
    fingerprint: Input[str]
    """Hash of the service's own files in the bundle (unit, environment, settings). A diff."""
    manifests: str | None = None
    """Kubernetes: what the bundle holds, as text, so that a preview shows what changes. A diff."""
    timeout: int = 300
    """Seconds that a host has to switch and become healthy."""
    policy: str = "independent"
    """"together": a failure is a verdict, and Together raises. By itself no diff."""
    concurrency: str = "100%"
    """How many hosts switch at once, as a number or a percentage. By itself no diff, like all
    that follows."""
    errors: str = "0"
    """How many hosts may fail before the rest of them is not begun: a number or a percentage."""
    on_failure: str = "put-back"
    """"put-back" or "hold": what becomes of the hosts that had switched when too many fail."""
    log_group: Input[str] | None = None
    """The log group of CloudWatch that agents write their output to: the end of what is longer
    than 24,000 characters is read from it."""
    tag: str | None = None
    """name=value by which `instances` were found; explanation only."""
    release: str | None = None
    """The version of this update, if the stack has versions. Explanation only."""
    again: bool = False
    """Deploy though nothing changed. A diff, while it is true."""


class HostRollout(pulumi.CustomResource):
    """A service that runs the asked digest on every host, or an error and the old one on each.

    Deleting the resource does nothing on the hosts: usually the same `pulumi destroy` ends them.
    """

    verdict: pulumi.Output[str]
    """"running sha256:…", or "completed sha256:…" for a job; with the policy "together" maybe
    "put back to sha256:…: why"."""
    running: pulumi.Output[Mapping[str, str]]
    """The digest that was read back from each instance, by instance id."""
    deployed_digest: pulumi.Output[str]
    """The digest that really runs; after a refresh maybe another than was asked for."""
    seconds: pulumi.Output[Mapping[str, float]]
    """How long each step took on the slowest host, and "total" as seen from here."""
    reason: pulumi.Output[str]
    """Why it was deployed last."""
    deployment: pulumi.Output[str]
    """Id of the record of the update that deployed it last."""

    def __init__(
        self, name: str, args: HostRolloutArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """`name` is the logical name, which holds neither stack nor version."""
        outputs = ("verdict", "running", "deployed_digest", "seconds", "reason", "deployment")
        super().__init__(
            "rollout:index:HostRollout", name, {**inputs_of(args), **dict.fromkeys(outputs)}, opts
        )
