"""A container of a task definition as a wish for the engine."""

from pathlib import Path
from typing import Any

from localcloud.containers.namespace import Namespace
from localcloud.containers.wish import ContainerWish, HealthCheck
from localcloud.ecs.metadata import container_id
from localcloud.ecs.task import Json, Task, TaskContainer

METADATA = "http://169.254.170.2/v4"
STOP_SECONDS = 30
"""ECS's default between SIGTERM and SIGKILL."""


def override(task: Task, container: TaskContainer) -> Json:
    """What RunTask gave for this container."""
    for entry in task.overrides.get("containerOverrides") or []:
        if entry.get("name") == container.name:
            return dict(entry)
    return {}


def environment(
    task: Task, container: TaskContainer, api_port: int, secrets: dict[str, str], has_role: bool
) -> dict[str, str]:
    """The variables of a container: the cloud's own, the definition's, overrides, secrets."""
    own = {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{api_port}",
        "AWS_REGION": task.region,
        "AWS_DEFAULT_REGION": task.region,
        "AWS_EXECUTION_ENV": "AWS_ECS_FARGATE",
        "ECS_CONTAINER_METADATA_URI_V4": f"{METADATA}/{container_id(task, container)}",
    }
    if has_role:
        own["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = f"/v2/credentials/{task.id}"
    given = pairs(container.definition.get("environment"))
    return {**own, **given, **secrets, **pairs(override(task, container).get("environment"))}


def pairs(entries: list[Json] | None) -> dict[str, str]:
    """A list of name and value as a dict."""
    return {str(each["name"]): str(each.get("value") or "") for each in entries or []}


def container_wish(
    task: Task,
    container: TaskContainer,
    image: str,
    namespace: Namespace,
    variables: dict[str, str],
    volumes: Path,
) -> ContainerWish:
    """The wish; a container without a memory limit of its own has the task's."""
    definition = container.definition
    over = override(task, container)
    whole = task.overrides.get("memory") or task.definition.memory
    limit = over.get("memory") or definition.get("memory") or whole
    reservation = over.get("memoryReservation") or definition.get("memoryReservation")
    entrypoint = definition.get("entryPoint")
    return ContainerWish(
        name=f"{task.id[:12]}-{container.name}",
        image=image,
        owner=task.id,
        environment=variables,
        entrypoint=list(entrypoint) if entrypoint else None,
        command=over.get("command") or definition.get("command"),
        network=namespace.network,
        memory_mb=int(limit) if limit else None,
        reservation_mb=int(reservation) if reservation else None,
        health=health_check(definition.get("healthCheck")),
        binds=binds(definition, volumes),
        user=definition.get("user"),
        folder=definition.get("workingDirectory"),
        read_only=bool(definition.get("readonlyRootFilesystem")),
    )


def binds(definition: Json, volumes: Path) -> dict[str, str]:
    """The task's own volumes: folders that end with it."""
    found = {}
    for mount in definition.get("mountPoints") or []:
        folder = volumes / str(mount["sourceVolume"])
        folder.mkdir(parents=True, exist_ok=True)
        mode = ":ro" if mount.get("readOnly") else ""
        found[str(folder)] = f"{mount['containerPath']}{mode}"
    return found


def health_check(given: Json | None) -> HealthCheck:
    """The definition's check with ECS's defaults; the image's own HEALTHCHECK never counts."""
    if not given:
        return HealthCheck(command=("NONE",))
    usual: dict[str, Any] = {"interval": 30, "timeout": 5, "retries": 3, "startPeriod": 0}
    rules = {**usual, **{name: value for name, value in given.items() if value is not None}}
    command = [str(word) for word in rules["command"]]
    if command[0] not in ("CMD", "CMD-SHELL", "NONE"):
        command = ["CMD", *command]
    return HealthCheck(
        command=tuple(command),
        interval=float(rules["interval"]),
        timeout=float(rules["timeout"]),
        retries=int(rules["retries"]),
        start_period=float(rules["startPeriod"]),
    )


def stop_seconds(container: TaskContainer) -> int:
    """Seconds between SIGTERM and SIGKILL; Fargate allows at most 120."""
    given = container.definition.get("stopTimeout")
    return STOP_SECONDS if given is None else min(int(given), 120)
