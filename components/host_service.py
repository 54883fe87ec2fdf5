"""One service or job on a host."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import pulumi

from components.documents.service import HostServiceSpec
from components.host import Host
from provider.sdk import HostRollout, HostRolloutArgs


class DeployableImage(Protocol):
    """What a service needs of its image; `provider.sdk.Image` has it."""

    @property
    def digest(self) -> pulumi.Output[str]:
        """sha256:… of the manifest or index."""

    @property
    def ref(self) -> pulumi.Output[str]:
        """repository:tag@digest."""

    @property
    def tag(self) -> pulumi.Output[str]:
        """The name that people read."""


@dataclass(frozen=True, kw_only=True)
class HostServiceArgs:
    """What to run, and where."""

    service: HostServiceSpec
    """Its port, health, volumes and environment."""
    image: DeployableImage
    """What it is an instance of."""
    host: Host
    """Where it runs."""
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


class HostService(pulumi.ComponentResource):
    """Runs one image on every machine of a host, wave by wave; gives back what answers there.

    If more machines fail than may, the rest is not begun, and those that had switched are put back
    or held. The update fails unless every machine runs the image.
    """

    url: pulumi.Output[str] | None
    """Where it answers inside the network; None for a job."""
    digest: pulumi.Output[str]
    """The digest that really runs."""
    version: pulumi.Output[str]
    """The image's name for people."""
    verdict: pulumi.Output[str]
    """What came of the rollout, in words."""
    entry: Mapping[str, pulumi.Input[Any]]
    """What the record of an update says of it."""

    def __init__(
        self, name: str, args: HostServiceArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """`name` is the logical name."""
        super().__init__("slipway:index:HostService", name, None, opts)
        rollout = self._create_rollout(name, args)
        self.url = self._url(args)
        self.digest = rollout.deployed_digest
        self.version = args.image.tag
        self.verdict = rollout.verdict
        self.entry = {
            "target": "host",
            "image": args.image.ref,
            "digest": rollout.deployed_digest,
            "version": args.image.tag,
            "reason": rollout.reason,
            "verdict": rollout.verdict,
            "seconds": rollout.seconds,
            "deployment": rollout.deployment,
        }
        self.register_outputs(
            {
                "url": self.url,
                "digest": self.digest,
                "version": self.version,
                "verdict": self.verdict,
            }
        )

    def _create_rollout(self, name: str, args: HostServiceArgs) -> HostRollout:
        return HostRollout(
            f"{name}-rollout",
            HostRolloutArgs(
                service=args.service.name,
                kind=args.service.kind,
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
                timeout=args.service.limit,
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

    def _url(self, args: HostServiceArgs) -> pulumi.Output[str] | None:
        if args.service.job:
            return None
        return pulumi.Output.format("http://{0}:{1}", args.host.address, args.service.published[0])
