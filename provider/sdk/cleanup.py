"""`Cleanup` as a Pulumi program writes it."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import pulumi
from pulumi import Input

from provider.sdk.base import inputs_of


@dataclasses.dataclass(frozen=True, kw_only=True)
class CleanupArgs:
    """What a release leaves behind on the machine that made it."""

    record: Input[str]
    """Id of the release's record: another one is the only diff."""
    repositories: Sequence[Input[str]]
    """This stack's repositories, host[:port]/path: their images with one of `names` go."""
    dev_repositories: Sequence[Input[str]] = ()
    """Repositories whose local images all go, whatever their tag."""
    names: Input[Sequence[str]] = ()
    """The names of the release."""
    cache_gb: int = 10
    """GB that the builder's cache may keep."""
    builder: str | None = None
    """The builder that the stack file names; else only one of slipway's own is touched."""
    enabled: bool = True
    """False keeps everything."""


class Cleanup(pulumi.CustomResource):
    """Removes a release's local images and dev's, and bounds the builder's cache.

    Images that a container uses stay, all others are never touched, nor is the registry. Nothing
    that goes wrong here fails the update.
    """

    removed: pulumi.Output[Sequence[str]]
    """The references that went in the last clean-up."""

    def __init__(
        self, name: str, args: CleanupArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """`name` is the logical name, which holds neither stack nor version."""
        super().__init__("rollout:index:Cleanup", name, {**inputs_of(args), "removed": None}, opts)
