"""The end of a container that somebody else may be removing at this moment."""

import time
from typing import Any

import docker.errors

SECONDS = 30
CONFLICT = 409


def remove_container(api: Any, container: str) -> None:
    """Ends and removes a container with its anonymous volumes; a missing one is no error.

    `api` is the docker package's low-level client. Raises what that raises.
    """
    end = time.monotonic() + SECONDS
    while True:
        try:
            api.remove_container(container, force=True, v=True)
            return
        except docker.errors.NotFound:
            return
        except docker.errors.APIError as error:
            if error.status_code != CONFLICT or time.monotonic() > end:
                raise
            time.sleep(0.05)
