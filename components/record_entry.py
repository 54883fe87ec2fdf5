"""What the record of an update says of a service that was rolled out, whatever its target."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import pulumi

from components.deployable_image import DeployableImage


class Rollout(Protocol):
    """What every rollout of `provider.sdk` gives back."""

    @property
    def deployed_digest(self) -> pulumi.Output[str]:
        """The digest that really runs."""

    @property
    def reason(self) -> pulumi.Output[str]:
        """Why it was deployed."""

    @property
    def verdict(self) -> pulumi.Output[str]:
        """What came of it, in words."""

    @property
    def seconds(self) -> pulumi.Output[Mapping[str, float]]:
        """How long each step took."""

    @property
    def deployment(self) -> pulumi.Output[str]:
        """Id of the record that it acted in."""


def entry_of(
    target: str, image: DeployableImage, rollout: Rollout
) -> Mapping[str, pulumi.Input[Any]]:
    """The entry of a service on a target: host, ecs, lambda, microk8s or docker."""
    return {
        "target": target,
        "image": image.ref,
        "digest": rollout.deployed_digest,
        "version": image.tag,
        "reason": rollout.reason,
        "verdict": rollout.verdict,
        "seconds": rollout.seconds,
        "deployment": rollout.deployment,
    }
