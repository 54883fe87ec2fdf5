"""The rollout of a service on the machines of a host, whichever of their engines runs it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pulumi

from components.deployable_image import DeployableImage
from components.host import Host
from provider.sdk import HostRollout, HostRolloutArgs


@dataclass(frozen=True, kw_only=True)
class HostRolloutWish:
    """What a service on a host has besides itself."""

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


def make_rollout(
    parent: pulumi.Resource,
    name: str,
    args: HostRolloutWish,
    *,
    service: str,
    kind: str,
    timeout: int,
    manifests: str | None = None,
) -> HostRollout:
    """The rollout of the service of this name; `timeout` in seconds, for all of it."""
    return HostRollout(
        f"{name}-rollout",
        HostRolloutArgs(
            service=service,
            kind=kind,
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
            manifests=manifests,
            timeout=timeout,
            release=args.release,
            again=args.again,
            policy=args.policy,
            concurrency=args.concurrency,
            errors=args.errors,
            on_failure=args.on_failure,
            log_group=args.host.log_group,
            tag=args.host.tag,
        ),
        pulumi.ResourceOptions(parent=parent),
    )
