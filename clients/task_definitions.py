"""Task definitions of Amazon ECS: their containers, and where those write their logs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from clients.aws import AwsAccess, client, translated


@dataclass(frozen=True, kw_only=True)
class DefinedContainer:
    """One container of a task definition."""

    name: str
    image: str
    essential: bool
    checked: bool
    """Whether it has a health check."""
    log_group: str | None
    """CloudWatch log group, where it logs there."""
    log_prefix: str

    def log_stream(self, task: str) -> str | None:
        """The stream of a task by its id; None where it can't be known.

        https://docs.aws.amazon.com/AmazonECS/latest/developerguide/specify-log-config.html
        """
        return f"{self.log_prefix}/{self.name}/{task}" if self.log_prefix else None


def containers(access: AwsAccess, task_definition: str) -> list[DefinedContainer]:
    """The containers of a task definition, in its own order. Raises AwsError."""
    with translated(f"reading the task definition {task_definition}"):
        answer = client(access, "ecs").describe_task_definition(taskDefinition=task_definition)
    return [_container(each) for each in answer["taskDefinition"]["containerDefinitions"]]


def active_with(access: AwsAccess, prefix: str, digest: str, most: int = 20) -> str | None:
    """The newest ACTIVE revision with an image of that digest, as family:revision, or None.

    Of each family whose name begins with `prefix`, the newest `most` are looked at. Raises
    AwsError.
    """
    ecs = client(access, "ecs")
    with translated(f"looking for task definitions of {prefix}"):
        families = ecs.list_task_definition_families(familyPrefix=prefix, status="ACTIVE")
        for family in families["families"]:
            listed = ecs.list_task_definitions(
                familyPrefix=family, status="ACTIVE", sort="DESC", maxResults=most
            )
            for arn in listed["taskDefinitionArns"]:
                if any(each.image.endswith(f"@{digest}") for each in containers(access, arn)):
                    return str(arn).rpartition("/")[2]
    return None


def _container(said: Mapping[str, Any]) -> DefinedContainer:
    logs = said.get("logConfiguration") or {}
    options = logs.get("options") or {} if logs.get("logDriver") == "awslogs" else {}
    return DefinedContainer(
        name=str(said["name"]),
        image=str(said.get("image") or ""),
        essential=bool(said.get("essential", True)),
        checked=bool(said.get("healthCheck")),
        log_group=options.get("awslogs-group"),
        log_prefix=str(options.get("awslogs-stream-prefix") or ""),
    )
