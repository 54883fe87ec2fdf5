"""What is asked of a target, the same words for all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is asked of any target."""

    target: str
    """host, ecs, lambda or docker."""
    service: str
    image: str
    """repository:tag@digest."""
    digest: str
    version: str
    """The name that people read."""
    release: str | None
    """The version of this update, if the stack has versions."""
    policy: str
    """independent or together."""
    reason: str
    """Why it is deployed."""


class Wanted(Protocol):
    """What the inputs of every rollout have."""

    @property
    def service(self) -> str:
        """Name of the service."""

    @property
    def image(self) -> str:
        """repository:tag@digest."""

    @property
    def digest(self) -> str:
        """The digest that has to run."""

    @property
    def release(self) -> str | None:
        """The version of this update."""

    @property
    def policy(self) -> str:
        """independent or together."""


def asked_of(target: str, wanted: Wanted, version: str, reason: str) -> Asked:
    """What the inputs of a rollout ask of its target."""
    return Asked(
        target=target,
        service=wanted.service,
        image=wanted.image,
        digest=wanted.digest,
        version=version,
        release=wanted.release,
        policy=wanted.policy,
        reason=reason,
    )
