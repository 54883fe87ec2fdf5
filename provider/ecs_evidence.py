"""What a failed rollout on ECS leaves to read: stopped tasks, events, and the last log lines."""

from __future__ import annotations

from collections.abc import Sequence

from clients import ClientError, ecs_tasks, logs, task_definitions
from clients.aws import AwsAccess
from clients.ecs_tasks import EcsContainer, EcsTask
from provider.ecs_judge import Look
from provider.ecs_watch import Place
from release.record_text import plain

_MOST_TASKS = 3
_MOST_EVENTS = 5
_LINES = 20


def evidence(
    place: Place, look: Look, task_definition: str, events_before: Sequence[str]
) -> list[str]:
    """Lines for a person: per task that stopped or is unwell, then the events since, then logs.

    What can't be read is said in its place: the failure itself must not be hidden by it.
    """
    try:
        stopped = ecs_tasks.of_service(place.access, place.cluster, place.ecs_service, stopped=True)
    except ClientError as error:
        return [f"its stopped tasks could not be read: {error}"]
    ours = [t for t in (*stopped, *look.tasks) if t.task_definition == task_definition]
    told = ours[:_MOST_TASKS]
    events = look.service.events if look.service else ()
    new = [each.partition(" ")[2] for each in events if each not in events_before]
    return [
        *(line for task in told for line in task_lines(task)),
        *(f"event: {plain(each)}" for each in reversed(new[:_MOST_EVENTS])),
        *(log_lines(place.access, told[0]) if told else ()),
    ]


def task_lines(task: EcsTask) -> list[str]:
    """How a task is or ended, and each of its containers."""
    state = f"stopped: {plain(task.stopped)}" if task.stopped else f"is {task.status}"
    told = [f"task {task.id} {state}"]
    return told + [f"task {task.id} {line}" for line in map(_container, task.containers) if line]


def _container(container: EcsContainer) -> str:
    parts = []
    if container.exit_code is not None:
        parts.append(f"ended with exit code {container.exit_code}")
    if container.health != "UNKNOWN":
        parts.append(container.health)
    if container.reason:
        parts.append(plain(container.reason))
    return f"container {container.name}: {', '.join(parts)}" if parts else ""


def log_lines(access: AwsAccess, task: EcsTask) -> list[str]:
    """The last lines of each container of a task, from CloudWatch Logs."""
    found: list[str] = []
    try:
        for container in task_definitions.containers(access, task.task_definition):
            stream = container.log_stream(task.id)
            if container.log_group and stream:
                lines = logs.tail(access, container.log_group, stream, _LINES)
                found += [f"log {container.name}: {line}" for line in lines]
    except ClientError as error:
        found.append(f"its log could not be read: {error}")
    return found
