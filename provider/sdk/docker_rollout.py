"""`DockerRollout` as a Pulumi program writes it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import pulumi
from pulumi import Input

from provider.sdk.base import inputs_of


@dataclasses.dataclass(frozen=True, kw_only=True)
class DockerRolloutArgs:
    """A container that takes the place of the one before, and is judged by what it runs."""

    service: str
    """Name of the service in the stack file. Another one replaces the resource."""
    host: str
    """The engine's address: unix://, tcp:// or ssh://. A diff."""
    owner: str
    """project/stack/service: the label `slipway.service` of its containers. A diff."""
    container: Input[str]
    """Id of the container, which was made and not started. A diff."""
    image: Input[str]
    """repository:tag@digest: what it runs. A diff."""
    digest: Input[str]
    """The digest that has to run in the end. A diff."""
    drain: int = 30
    """Seconds that the container before has to end. No diff."""
    policy: str = "independent"
    """"together": a failure is a verdict, and Together raises. By itself no diff."""
    timeout: int = 60
    """Seconds that each of its two starts, beside the old one and in its place, has. No diff."""
    release: str | None = None
    """The version of this update, if the stack has versions. Explanation only."""


class DockerRollout(pulumi.CustomResource):
    """A container that runs the asked digest, or an error and the one before.

    Deleting the resource does nothing: the container is a resource of its own.
    """

    verdict: pulumi.Output[str]
    """"running sha256:…"; with the policy "together" maybe "put back to sha256:… (…): why"."""
    running: pulumi.Output[Mapping[str, str]]
    """The digest that was read back, by container name."""
    deployed_digest: pulumi.Output[str]
    """The digest that really runs; empty if nothing does."""
    seconds: pulumi.Output[Mapping[str, float]]
    """How long "trial" and "switch" took, and "total"."""
    reason: pulumi.Output[str]
    """Why it was deployed last."""
    deployment: pulumi.Output[str]
    """Id of the record of the update that deployed it last."""

    def __init__(
        self, name: str, args: DockerRolloutArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """`name` is the logical name, which holds neither stack nor version."""
        outputs = ("verdict", "running", "deployed_digest", "seconds", "reason", "deployment")
        super().__init__(
            "rollout:index:DockerRollout", name, {**inputs_of(args), **dict.fromkeys(outputs)}, opts
        )
