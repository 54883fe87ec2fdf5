"""`EcsRollout` as a Pulumi program writes it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi import Input

from provider.sdk.base import inputs_of


@dataclasses.dataclass(frozen=True, kw_only=True)
class EcsRolloutArgs:
    """A service of ECS that gets a task definition, and is judged by what its tasks pulled."""

    service: str
    """Name of the service in the stack file. Another one replaces the resource."""
    cluster: Input[str]
    """Name or ARN of the cluster. A diff."""
    ecs_service: Input[str]
    """Name or ARN of the ECS service; it must ignore changes of `task_definition`. A diff."""
    task_definition: Input[str]
    """ARN, with its revision, of the task definition to run. A diff."""
    image: Input[str]
    """repository:tag@digest: what it runs. A diff."""
    digest: Input[str]
    """The digest that has to run in the end. A diff."""
    count: int = 1
    """How many tasks. A diff; set when it changes, or when the service stands at 0."""
    before: Mapping[str, Any] | None = None
    """A task that must end with 0 before the service switches: {"command": [...]}, and, if they
    are others than the service's, "task_definition" and "network": {"subnets": [...],
    "security_groups": [...], "assign_public_ip": bool}. By itself no diff."""
    policy: str = "independent"
    """"together": a failure is a verdict, and Together raises. By itself no diff."""
    timeout: int = 300
    """Seconds for the task before, and for the service to become steady."""
    release: str | None = None
    """The version of this update, if the stack has versions. Explanation only."""
    again: bool = False
    """Start new tasks though nothing changed. A diff, while it is true."""


class EcsRollout(pulumi.CustomResource):
    """A service of ECS that runs the asked digest, or an error and the old one.

    Deleting the resource does nothing: the service is a resource of its own.
    """

    verdict: pulumi.Output[str]
    """"running sha256:…"; with the policy "together" maybe "put back to sha256:… (…): why"."""
    running: pulumi.Output[Mapping[str, str]]
    """The digest that was read back from each task, by task id."""
    deployed_digest: pulumi.Output[str]
    """The digest that really runs; empty if nothing does."""
    deployed_definition: pulumi.Output[str]
    """ARN of the task definition that runs."""
    seconds: pulumi.Output[Mapping[str, float]]
    """How long "before" and "switch" took, and "total"."""
    reason: pulumi.Output[str]
    """Why it was deployed last."""
    deployment: pulumi.Output[str]
    """Id of the record of the update that deployed it last."""

    def __init__(
        self, name: str, args: EcsRolloutArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """`name` is the logical name, which holds neither stack nor version."""
        outputs = (
            "verdict",
            "running",
            "deployed_digest",
            "deployed_definition",
            "seconds",
            "reason",
            "deployment",
        )
        super().__init__(
            "rollout:index:EcsRollout", name, {**inputs_of(args), **dict.fromkeys(outputs)}, opts
        )
