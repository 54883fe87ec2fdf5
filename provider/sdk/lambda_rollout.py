"""`LambdaRollout` as a Pulumi program writes it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import pulumi
from pulumi import Input

from provider.sdk.base import inputs_of


@dataclasses.dataclass(frozen=True, kw_only=True)
class LambdaRolloutArgs:
    """A function that gets an image; its alias moves once the new version answered an event."""

    service: str
    """Name of the service in the stack file. Another one replaces the resource."""
    function: Input[str]
    """Name of the function; it must ignore changes of `image_uri`. A diff."""
    image: Input[str]
    """repository:tag@digest: what it runs. A diff."""
    digest: Input[str]
    """The digest that has to run in the end. A diff."""
    configuration: Input[str] = ""
    """Hash of what the function's own resource sets (environment, memory, ...). A diff: a version
    keeps the configuration of its time, so that a change needs a new one."""
    alias: str = "live"
    """The alias that calls go to; made by the first rollout. A diff."""
    smoke: str = "{}"
    """The event, as JSON, that a new version has to answer before the alias moves. No diff."""
    policy: str = "independent"
    """"together": a failure is a verdict, and Together raises. By itself no diff."""
    timeout: int = 300
    """Seconds for all of it."""
    release: str | None = None
    """The version of this update, if the stack has versions. Explanation only."""
    again: bool = False
    """Call it and set the alias though nothing changed. A diff, while it is true."""


class LambdaRollout(pulumi.CustomResource):
    """A function whose alias runs the asked digest, or an error and the old one.

    Deleting the resource does nothing: versions and alias go with their function.
    """

    verdict: pulumi.Output[str]
    """"running sha256:…"; with the policy "together" maybe "put back to sha256:… (…): why"."""
    running: pulumi.Output[Mapping[str, str]]
    """The digest that was read back, by alias."""
    deployed_digest: pulumi.Output[str]
    """The digest that the alias really runs; empty if there is no alias."""
    function_version: pulumi.Output[str]
    """The number of the version that the alias points at."""
    seconds: pulumi.Output[Mapping[str, float]]
    """How long "update", "publish" and "smoke" took, and "total"."""
    reason: pulumi.Output[str]
    """Why it was deployed last."""
    deployment: pulumi.Output[str]
    """Id of the record of the update that deployed it last."""

    def __init__(
        self, name: str, args: LambdaRolloutArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """`name` is the logical name, which holds neither stack nor version."""
        outputs = (
            "verdict",
            "running",
            "deployed_digest",
            "function_version",
            "seconds",
            "reason",
            "deployment",
        )
        super().__init__(
            "rollout:index:LambdaRollout", name, {**inputs_of(args), **dict.fromkeys(outputs)}, opts
        )
