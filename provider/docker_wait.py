"""Waiting until a container is healthy, by its own check."""

from __future__ import annotations

import time
from collections.abc import Sequence

from clients import CancelledError, ClientError
from clients.docker_container import Container
from clients.docker_containers import DockerContainers
from provider.resource import Call

_POLL = 0.2  # seconds
_SETTLE = 2.0  # seconds that a program without a check must keep running
_LINES = 20


class DockerStepError(ClientError):
    """A container did not become healthy."""

    def __init__(self, message: str, *, lines: Sequence[str] = (), timed_out: bool = False) -> None:
        """`lines` are what it printed last."""
        super().__init__(message)
        self.lines = tuple(lines)
        self.timed_out = timed_out


def await_healthy(
    call: Call | None, engine: DockerContainers, container: str, seconds: float
) -> Container:
    """The container once it is healthy, or once it kept running where it has no check.

    Without `call` nothing cancels it. Raises DockerStepError or CancelledError.
    """
    began = time.monotonic()
    while True:
        found = engine.find(container)
        if found is None:
            raise DockerStepError(f"the container {container[:12]} was removed meanwhile")
        waited = time.monotonic() - began
        if _is_well(found, waited):
            return found
        why = _broken(found)
        if why or waited >= seconds:
            raise DockerStepError(
                why or f"{found.name} was not healthy: {_last(found)}",
                lines=_lines(engine, found),
                timed_out=not why,
            )
        if call is not None:
            call.status(f"{found.name} is {found.health or found.state}")
            if call.cancelled.wait(_POLL):
                raise CancelledError(f"cancelled while {found.name} was {found.state}")
        else:
            time.sleep(_POLL)


def _is_well(found: Container, waited: float) -> bool:
    settled = not found.health and waited >= _SETTLE
    return found.running and not found.restarts and (found.health == "healthy" or settled)


def _broken(found: Container) -> str:
    if found.health == "unhealthy":
        return f"{found.name} is unhealthy: {_last(found)}"
    if found.state in ("exited", "dead") or found.restarts:
        said = f": {found.error}" if found.error else _killed(found)
        return f"{found.name} ended with exit code {found.exit_code}{said}"
    return ""


def _killed(found: Container) -> str:
    # 128 + SIGKILL. The engine doesn't tell on every system that the kernel did it.
    mostly = ": killed, as what takes more than its memory is (key memory)"
    return mostly if found.exit_code == 137 else ""


def _last(found: Container) -> str:
    if not found.health:
        return f"it is {found.state}"
    return f"its last check said {found.said!r}" if found.said else "no check has passed"


def _lines(engine: DockerContainers, found: Container) -> Sequence[str]:
    try:
        return engine.last_lines(found.id, _LINES)
    except ClientError as error:
        return [f"({error})"]
