"""`Together` as a Pulumi program writes it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import pulumi
from pulumi import Input

from provider.sdk.base import inputs_of


@dataclasses.dataclass(frozen=True, kw_only=True)
class TogetherArgs:
    """The services that switch together."""

    verdicts: Input[Mapping[str, Input[Mapping[str, Input[str]]]]]
    """By service what its rollout (with the policy "together") gave back: verdict, digest (the
    asked one), deployed_digest, deployment. A diff."""
    release: str | None = None
    """The version of this update, if the stack has versions. Explanation only."""


class Together(pulumi.CustomResource):
    """All services run what was asked, or an error and each runs what it ran before.

    Register it after all rollouts, with their provider, and before the record, which depends on
    it. Deleting it does nothing.
    """

    verdict: pulumi.Output[str]
    """How many services run what was asked."""

    def __init__(
        self, name: str, args: TogetherArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """`name` is the logical name."""
        super().__init__("rollout:index:Together", name, {**inputs_of(args), "verdict": None}, opts)
