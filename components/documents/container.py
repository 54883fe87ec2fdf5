"""One container of a Docker engine as the stack file writes it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from components.documents.grammar import check, check_port
from components.documents.probe import INTERVAL, RETRIES, TIMEOUT, probe

LOG_OPTIONS: Mapping[str, str] = {"max-size": "10m", "max-file": "3"}
"""30 MB of logs at most: Docker keeps all of them otherwise."""


@dataclass(frozen=True, kw_only=True)
class DockerServiceSpec:
    """What Docker must know of one service. Raises `ValueError` for what it would refuse."""

    name: str
    """Name of the container."""
    port: int | None = None
    """The port that the container listens on; None: it serves nothing."""
    publish: int | None = None
    """The machine's port that leads to it; `port` if not given."""
    open: bool = False
    """Whether other machines reach that port; else this one alone."""
    health: str | None = None
    """The path that answers 2xx or 3xx, asked for in the container itself."""
    health_command: Sequence[str] | None = None
    """The container's own check, as argv, instead; empty: none."""
    memory: int = 512
    """MiB; the kernel ends what takes more."""
    drain: int = 30
    """Seconds that it has to end when it is replaced."""
    grace: int = 15
    """Seconds after its start in which a failed check doesn't count."""
    timeout: int = 60
    """Seconds until it must be healthy, beside the one before and again in its place."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Plain variables; never a secret."""
    volumes: tuple[str, ...] = ()
    """`name:/path`: Docker volumes, `<service>-<name>`, that outlive the container."""

    def __post_init__(self) -> None:
        check("service", self.name)
        for variable, value in self.environment.items():
            check("variable", variable)
            check("value of a variable", value)
        for volume in self.volumes:
            check("volume", volume)
            if ".." in volume:
                raise ValueError(f"{volume!r} is not a volume; allowed: a path without ..")
        if self.memory < 6:
            raise ValueError(f"{self.name}: memory {self.memory} MiB; allowed: 6 MiB or more")
        self._check_port()

    @property
    def published(self) -> int | None:
        """The machine's port."""
        return self.publish or self.port

    @property
    def address(self) -> str:
        """The machine's address that leads to it: every one, or this machine's own."""
        return "0.0.0.0" if self.open else "127.0.0.1"  # noqa: S104 -- the stack file asks for it

    @property
    def check_command(self) -> list[str] | None:
        """The check that the container runs; None for none."""
        return probe(port=self.port, health=self.health, command=self.health_command)

    def _check_port(self) -> None:
        for port in filter(lambda each: each is not None, (self.port, self.publish)):
            check_port(port or 0)
        if self.health is not None:
            check("health path", self.health)
        for key, needs in (("publish", self.publish), ("health", self.health)):
            if needs is not None and self.port is None:
                raise ValueError(
                    f"{self.name}: `{key}` needs `port`, the port that the container listens on"
                )


def container_settings(service: DockerServiceSpec) -> dict[str, Any]:
    """All that a container is made of but its name, image and labels, as pulumi-docker takes it.

    https://www.pulumi.com/registry/packages/docker/api-docs/container/
    """
    return {
        "envs": [f"{name}={value}" for name, value in sorted(service.environment.items())],
        "ports": _ports(service),
        "volumes": _volumes(service),
        "memory": service.memory,
        # Without swap of its own: else Docker takes twice as much, and refuses to raise it.
        "memory_swap": service.memory,
        "restart": "unless-stopped",
        "init": True,
        "security_opts": ["no-new-privileges:true"],
        "capabilities": {"drops": ["ALL"]},
        "log_driver": "json-file",
        "log_opts": dict(LOG_OPTIONS),
        "healthcheck": _health_check(service),
    }


def fingerprint(settings: Mapping[str, Any]) -> str:
    """A hash of what a container is made of."""
    text = json.dumps(settings, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _health_check(service: DockerServiceSpec) -> dict[str, Any] | None:
    command = service.check_command
    if command is None:
        return None
    return {
        "tests": command,
        "interval": f"{INTERVAL}s",
        "timeout": f"{TIMEOUT}s",
        "start_period": f"{service.grace}s",
        "retries": RETRIES,
    }


def _ports(service: DockerServiceSpec) -> list[dict[str, Any]]:
    if service.port is None:
        return []
    return [
        {
            "internal": service.port,
            "external": service.published,
            "ip": service.address,
            "protocol": "tcp",
        }
    ]


def _volumes(service: DockerServiceSpec) -> list[dict[str, Any]]:
    pairs = [volume.split(":", 1) for volume in service.volumes]
    return [
        {"volume_name": f"{service.name}-{name}", "container_path": path} for name, path in pairs
    ]
