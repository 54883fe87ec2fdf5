"""The image of a task's container, with the execution role's rights."""

from typing import Any

from localcloud.containers.images import Images
from localcloud.containers.pull_rights import AuthError, PullError
from localcloud.ecs.preparation import UNABLE, StartFailureError, init_failure
from localcloud.ecs.task import Task, TaskContainer

ARCHITECTURES = {"X86_64": "amd64", "ARM64": "arm64"}


def pull(images: Images, task: Task, container: TaskContainer, executor: Any) -> str:
    """The engine's name of the image, whose digest the container then shows.

    Raises StartFailureError in ECS's words.
    """
    platform = task.definition.runtime_platform or {}
    wanted = ARCHITECTURES.get(str(platform.get("cpuArchitecture") or "X86_64"), "amd64")
    try:
        found = images.pull(container.source, task.region, executor, task.id, wanted)
    except PullError as error:
        raise StartFailureError(f"CannotPullContainerError: {error}") from None
    except AuthError as error:
        raise init_failure(f"{UNABLE}: {error}") from None
    if found.architecture and found.architecture != wanted:
        raise StartFailureError(
            "CannotPullContainerError: pull image manifest has been retried 1 time(s): image "
            f"Manifest does not contain descriptor matching platform 'linux/{wanted}'"
        )
    container.digest = found.digest
    return found.name
