"""Containers of one Docker engine: looked at, tried beside others, started, stopped.

https://docs.docker.com/reference/api/engine/version/v1.41/
"""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from clients.docker_container import OWNER, TRIAL, Container, container_of
from clients.docker_images import NoEngineError, told
from clients.logs import lines_of

_SECONDS = 60  # that the engine has to answer, beside the time that it is told to wait


class DockerContainers:
    """The containers of one engine. Every method raises ClientError; safe in threads."""

    def __init__(self, host: str) -> None:
        """`host` is the engine's address. Raises NoEngineError if none answers there."""
        self.host = host
        self._api = _connect(host)

    def find(self, name_or_id: str) -> Container | None:
        """One container, running or not."""
        from docker.errors import NotFound

        with told(f"looking at the container {name_or_id}"):
            try:
                return container_of(self._api.inspect_container(name_or_id))
            except NotFound:
                return None

    def running(self) -> list[Container]:
        """All containers that run; one that ends meanwhile is left out."""
        with told("listing the containers"):
            listed = self._api.containers()
        found = (self.find(each["Id"]) for each in listed)
        return [each for each in found if each is not None]

    def of_owner(self, owner: str) -> list[Container]:
        """The containers of a service, running or not, without those that only try a version."""
        with told(f"listing the containers of {owner}"):
            listed = self._api.containers(all=True, filters={"label": f"{OWNER}={owner}"})
        tries = {each["Id"] for each in listed if TRIAL in (each.get("Labels") or {})}
        found = (self.find(each["Id"]) for each in listed if each["Id"] not in tries)
        return [each for each in found if each is not None]

    def digests(self, image_id: str) -> dict[str, list[str]]:
        """The digests that an image was pulled by, by repository; none if it was built here."""
        from docker.errors import ImageNotFound

        found: dict[str, list[str]] = {}
        with told(f"looking at the image {image_id}"), suppress(ImageNotFound):
            for name in self._api.inspect_image(image_id).get("RepoDigests") or ():
                repository, _, digest = name.partition("@")
                found.setdefault(repository, []).append(digest)
        return found

    def make(self, document: Mapping[str, Any], name: str) -> str:
        """Make a container of the engine's own structure, not started; its id."""
        with told(f"making the container {name}"):
            return str(self._api.create_container_from_config(dict(document), name=name)["Id"])

    def start(self, container: str) -> None:
        """Start it; one that runs already is no error."""
        with told(f"starting the container {container[:12]}"):
            self._api.start(container)

    def stop(self, container: str, seconds: int) -> None:
        """Ask it to end, and end it after `seconds`; one that is gone or stopped is no error."""
        from docker.errors import NotFound

        with told(f"stopping the container {container[:12]}"), suppress(NotFound):
            self._api.stop(container, timeout=seconds)

    def remove(self, container: str) -> None:
        """Remove it with its nameless volumes, running or not; one that is gone is no error."""
        from docker.errors import NotFound

        with told(f"removing the container {container[:12]}"), suppress(NotFound):
            self._api.remove_container(container, v=True, force=True)

    def trials(self, owner: str) -> list[str]:
        """Ids of the containers that an interrupted update has left of its trial."""
        with told("listing the containers"):
            listed = self._api.containers(all=True, filters={"label": f"{TRIAL}={owner}"})
        return [str(each["Id"]) for each in listed]

    def timed_lines(self, container: str, count: int | None, since: float | None) -> list[str]:
        """Lines that it printed, oldest first, each begun with its time (RFC 3339) and a blank.

        At most the last `count`; those after `since`, in seconds since 1970.
        """
        with told(f"reading the log of the container {container[:12]}"):
            text = self._api.logs(
                container, timestamps=True, tail="all" if count is None else count, since=since
            )
        return lines_of(bytes(text).decode("utf-8", "replace"))

    def last_lines(self, container: str, count: int) -> Sequence[str]:
        """What it printed last."""
        with told(f"reading the log of the container {container[:12]}"):
            text = self._api.logs(container, tail=count)
        return lines_of(bytes(text).decode("utf-8", "replace"))


_CLIENTS: dict[str, Any] = {}
_LOCK = threading.Lock()


def _connect(host: str) -> Any:
    """The SDK's client of the engine, made once a process."""
    import docker
    from docker.errors import DockerException
    from docker.utils import kwargs_from_env

    with _LOCK:
        if host not in _CLIENTS:
            try:
                # The certificates of DOCKER_CERT_PATH are used for this address too.
                words = kwargs_from_env(environment={**os.environ, "DOCKER_HOST": host})
                api = docker.APIClient(
                    **words, version="auto", timeout=_SECONDS, use_ssh_client=True
                )
                api.ping()
            except (DockerException, OSError, ValueError) as error:
                raise NoEngineError(
                    f"no Docker engine answers at {host}: {error}; nothing was changed. Start it, "
                    "or mend `slipway:docker: {host: …}` or DOCKER_HOST; allowed: unix://, tcp:// "
                    "and ssh:// addresses"
                ) from None
            _CLIENTS[host] = api
        return _CLIENTS[host]
