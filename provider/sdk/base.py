"""What the SDK classes share: the provider resource, and how arguments become inputs."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pulumi
from pulumi import Input

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


@dataclasses.dataclass(frozen=True, kw_only=True)
class ProviderArgs:
    """How the plugin reaches AWS and BuildKit. A plain registry needs none of the AWS fields."""

    region: str
    """AWS region, such as eu-west-1."""
    account: str | None = None
    """Account id (12 digits) that the credentials must belong to; None accepts any."""
    profile: str | None = None
    """Profile of the AWS configuration files."""
    endpoints: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """URLs by service name (ecr, ssm, sts) that replace AWS's own: the local cloud."""
    access_key: str | None = None
    """Key for the local cloud only: real credentials are never inputs."""
    secret_key: Input[str] | None = None
    """Secret for the local cloud only; kept as a Pulumi secret."""
    builder: str | None = None
    """Buildx builder; else $BUILDX_BUILDER, else a docker-container builder named slipway."""
    max_builds: int = 2
    """How many images are built at the same time."""
    project: str | None = None
    """The Pulumi project; with it, stack and bucket records are kept."""
    stack: str | None = None
    """The Pulumi stack."""
    bucket: str | None = None
    """The bucket of its records."""
    webhook: str | None = None
    """Who gets a POST of each deployment's event: an address, or a reference to one."""
    topic: str | None = None
    """ARN of the SNS topic that gets it."""
    event_secret: str | None = None
    """Reference to what events are signed with."""


class Provider(pulumi.ProviderResource):
    """The explicit provider of `Image` and `HostRollout`."""

    def __init__(
        self, name: str, args: ProviderArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """`name` is the logical name; a second provider serves a second account."""
        inputs = inputs_of(args)
        if args.secret_key is not None:
            inputs["secret_key"] = pulumi.Output.secret(args.secret_key)
        super().__init__("rollout", name, inputs, opts)


def inputs_of(args: DataclassInstance) -> dict[str, Any]:
    """The fields as inputs: tuples as lists, and nothing for None."""
    # Not dataclasses.asdict: that copies Outputs.
    values = {field.name: getattr(args, field.name) for field in dataclasses.fields(args)}
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in values.items()
        if value is not None
    }
