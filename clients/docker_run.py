"""One container of an image on this machine's Docker engine: pulled by digest, run, removed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from clients import ClientError
from clients.docker_images import engine, told
from clients.registry_auth import Credentials

LABEL = "slipway.run"
_GRACE = 10  # seconds that a container has to stop


@dataclass(frozen=True, kw_only=True)
class RunRequest:
    """What is to run."""

    image: str
    """The image's name, for messages and labels."""
    repository: str
    """host/path."""
    digest: str
    """What is pulled and run."""
    tag: str | None = None
    """The name that the local image gets beside its digest."""
    port: int | None = None
    """Port that the container listens on; None for a job."""
    publish: int | None = None
    """Port of this machine that leads to it, reachable from this machine only."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Plain environment variables."""


class DockerRun:
    """Runs one container after another; every method raises ClientError."""

    def __init__(self) -> None:
        """Raises NoEngineError if no engine answers."""
        self._engine = engine()

    def pull(self, request: RunRequest, credentials: Credentials | None) -> None:
        """Pull by digest, logged in for this one request; nothing is written to any login file."""
        login = None if credentials is None else _login(credentials)
        with told(f"pulling {request.repository}@{request.digest}"):
            for step in self._engine.api.pull(
                request.repository, request.digest, stream=True, decode=True, auth_config=login
            ):
                if "error" in step:
                    raise ClientError(f"pulling {request.repository}: {step['error']}")
            if request.tag:
                image = self._engine.images.get(f"{request.repository}@{request.digest}")
                image.tag(request.repository, request.tag)

    def start(self, request: RunRequest) -> Any:
        """Start a container; one that can't start is removed again."""
        name = f"slipway-{request.image}-{request.publish or 'job'}"
        try:
            with told(f"running {request.image}"):
                return self._started(request, name)
        except ClientError as error:
            raise ClientError(_advised(str(error), name, request.publish)) from None

    def _started(self, request: RunRequest, name: str) -> Any:
        ports = {f"{request.port}/tcp": ("127.0.0.1", request.publish)} if request.port else {}
        container = self._engine.containers.create(
            f"{request.repository}@{request.digest}",
            name=name,
            ports=ports,
            environment=dict(request.environment),
            labels={LABEL: request.image},
        )
        try:
            container.start()
        except Exception:
            self.remove(container)
            raise
        return container

    def output(self, container: Any) -> Iterator[bytes]:
        """What it prints, until it ends."""
        with told(f"reading the output of {container.name}"):
            yield from container.logs(stream=True, follow=True)

    def exit_code(self, container: Any) -> int:
        """Waits for its end."""
        with told(f"waiting for {container.name}"):
            return int(container.wait()["StatusCode"])

    def remove(self, container: Any) -> None:
        """Stop and remove it; one that is gone is no error."""
        from docker.errors import NotFound

        with told(f"removing {container.name}"), suppress(NotFound):
            container.stop(timeout=_GRACE)
            container.remove(force=True, v=True)


def _advised(said: str, name: str, port: int | None) -> str:
    if "already in use by container" in said:
        return f"{name} runs already; end it with `docker rm --force {name}`, or choose a --port"
    if "address already in use" in said or "port is already allocated" in said:
        return f"the port {port} of this machine is taken; choose another one with --port"
    return said


def _login(credentials: Credentials) -> dict[str, str]:
    if credentials.user == "<token>":
        return {"identitytoken": credentials.password}
    return {"username": credentials.user, "password": credentials.password}
