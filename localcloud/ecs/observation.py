"""What the engine says of a container, in ECS's words."""

from localcloud.containers.engine import Containers
from localcloud.ecs.task import TaskContainer

HEALTH = {"healthy": "HEALTHY", "unhealthy": "UNHEALTHY"}
KILLED = "OutOfMemoryError: Container killed due to memory usage"


def observe(containers: Containers, container: TaskContainer) -> None:
    """Takes health, end, exit code and reason over from the engine."""
    state = containers.state(container.runtime_id)
    if container.checked:
        container.health = HEALTH.get(state.health, "UNKNOWN")
    if not state.running:
        container.status, container.exit_code = "STOPPED", state.exit_code
        container.reason = KILLED if state.out_of_memory else state.error
