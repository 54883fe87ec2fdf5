"""Rules of EventBridge that start tasks of ECS by the clock."""

from __future__ import annotations

from dataclasses import dataclass

from clients.aws import AwsAccess, AwsError, client, translated

_MISSING = "ResourceNotFoundException"


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """One rule."""

    enabled: bool
    expression: str
    """rate(…) or cron(…)."""
    task_definition: str | None
    """What the next run starts; None if nothing."""


def schedule(access: AwsAccess, rule: str) -> Schedule | None:
    """The rule and what it starts; None if there is none of that name. Raises AwsError."""
    events = client(access, "events")
    try:
        with translated(f"reading the rule {rule}"):
            said = events.describe_rule(Name=rule)
            targets = events.list_targets_by_rule(Rule=rule)["Targets"]
    except AwsError as error:
        if error.code == _MISSING:
            return None
        raise
    tasks = [each["EcsParameters"] for each in targets if each.get("EcsParameters")]
    return Schedule(
        enabled=said.get("State") == "ENABLED",
        expression=str(said.get("ScheduleExpression") or ""),
        task_definition=str(tasks[0]["TaskDefinitionArn"]) if tasks else None,
    )
