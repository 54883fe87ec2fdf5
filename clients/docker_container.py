"""One container of a Docker engine, as the engine tells it.

https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Container/operation/ContainerInspect
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from release.record_text import plain

OWNER = "slipway.service"
"""The label that says whose container it is: project/stack/service."""
TRIAL = "slipway.trial"
"""The label of a container that only tries a version; its value is the owner."""


@dataclass(frozen=True, kw_only=True)
class Address:
    """Where the machine of an engine listens for a container."""

    ip: str
    """0.0.0.0 is every address."""
    port: int

    def meets(self, other: Address) -> bool:
        """Whether both can't be had at the same time."""
        every = {"0.0.0.0", "::", ""}  # noqa: S104 -- compared, not bound
        same = self.ip == other.ip or bool({self.ip, other.ip} & every)
        return self.port == other.port and same

    def __str__(self) -> str:
        return f"{self.ip or '0.0.0.0'}:{self.port}"  # noqa: S104 -- shown, not bound


@dataclass(frozen=True, kw_only=True)
class Container:
    """One container as the engine tells it now."""

    id: str
    name: str
    image_id: str
    """sha256:… of the image's configuration."""
    owner: str
    """project/stack/service; empty: nobody of ours."""
    state: str
    """created, running, paused, restarting, exited or dead."""
    exit_code: int
    error: str
    """Why it could not be started; mostly empty."""
    health: str
    """starting, healthy or unhealthy; empty without a check."""
    said: str
    """The end of what its last check printed, in one line."""
    restarts: int
    """How often the engine has started it again."""
    addresses: tuple[Address, ...]
    """What it publishes, running or not."""
    document: Mapping[str, Any]
    """All that the engine tells."""

    @property
    def running(self) -> bool:
        """Whether its program runs, and is not paused."""
        return self.state == "running"


def container_of(document: Mapping[str, Any]) -> Container:
    """From what GET /containers/{id}/json answers."""
    state, config = document["State"], document["Config"]
    health = state.get("Health") or {}
    checks = health.get("Log") or [{}]
    bindings = (document["HostConfig"].get("PortBindings") or {}).values()
    return Container(
        id=document["Id"],
        name=document["Name"].removeprefix("/"),
        image_id=document["Image"],
        owner=plain(str((config.get("Labels") or {}).get(OWNER, ""))),
        state=str(state.get("Status") or "unknown"),
        exit_code=int(state.get("ExitCode") or 0),
        error=plain(str(state.get("Error") or "")),
        health=str(health.get("Status") or ""),
        said=plain(" ".join(str(checks[-1].get("Output") or "").split())[-200:]),
        restarts=int(document.get("RestartCount") or 0),
        addresses=tuple(
            Address(ip=each.get("HostIp") or "", port=int(each["HostPort"]))
            for listed in bindings
            for each in listed or ()
            if each.get("HostPort")
        ),
        document=document,
    )
