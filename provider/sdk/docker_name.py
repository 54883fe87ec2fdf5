"""`DockerName` as a Pulumi program writes it."""

from __future__ import annotations

import dataclasses

import pulumi
from pulumi import Input

from provider.sdk.base import inputs_of


@dataclasses.dataclass(frozen=True, kw_only=True)
class DockerNameArgs:
    """What a container is made of: another name whenever one of these changes."""

    service: str
    """Name of the service in the stack file. Another one replaces the resource."""
    host: str
    """The engine's address: unix://, tcp:// or ssh://. A diff."""
    owner: str
    """project/stack/service: the container's label `slipway.service`. A diff."""
    digest: Input[str]
    """What it runs. A diff."""
    settings: str
    """Hash of everything else that it is made of. A diff."""
    again: bool = False
    """Another container though nothing changed. A diff, while it is true."""


class DockerName(pulumi.CustomResource):
    """The name of a service's container; another one too if the container is gone.

    Deleting the resource does nothing.
    """

    name: pulumi.Output[str]
    """<service>-<8 hexadecimal digits>."""

    def __init__(
        self, name: str, args: DockerNameArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """`name` is the logical name."""
        super().__init__("rollout:index:DockerName", name, {**inputs_of(args), "name": None}, opts)
