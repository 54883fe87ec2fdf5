"""Containers of a task that depend on each other (dependsOn)."""

from localcloud.ecs.preparation import StartFailureError
from localcloud.ecs.task import TaskContainer


def in_order(containers: list[TaskContainer]) -> list[TaskContainer]:
    """The containers with each after those that it depends on."""
    done: list[TaskContainer] = []
    waiting = list(containers)
    while waiting:
        names = {each.name for each in done}
        ready = [
            each
            for each in waiting
            if {d["containerName"] for d in each.definition.get("dependsOn") or []} <= names
        ]
        if not ready:
            raise StartFailureError("the containers depend on each other in a circle")
        done += ready
        waiting = [each for each in waiting if each not in ready]
    return done


def fulfilled(container: TaskContainer, condition: str) -> bool:
    """Whether a container is where another one's dependsOn wants it."""
    if condition == "HEALTHY":
        return container.health == "HEALTHY"
    if condition == "COMPLETE":
        return container.status == "STOPPED"
    if condition == "SUCCESS":
        return container.status == "STOPPED" and container.exit_code == 0
    return container.status in ("RUNNING", "STOPPED")
