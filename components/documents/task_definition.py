"""One service of ECS as the stack file writes it, and its container definition."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from components.documents.fargate import check_size
from components.documents.grammar import check, check_port
from components.documents.log_retention import check_retention
from components.documents.probe import INTERVAL, RETRIES, TIMEOUT, probe
from components.documents.schedule import check_schedule
from components.documents.secret_reference import check_variables

LONGEST_DRAIN = 120
"""Seconds that Fargate waits at most between SIGTERM and SIGKILL."""


@dataclass(frozen=True, kw_only=True)
class Balancer:
    """An application load balancer of the service's own."""

    public: bool = False
    """Whether the internet reaches it; else the private networks alone."""
    certificate: str | None = None
    """ARN of its certificate in ACM: HTTPS, and HTTP is sent there. HTTP alone if not given."""
    open_to: tuple[str, ...] = ()
    """CIDR blocks that may reach it; everybody if public, the private ranges if not."""


@dataclass(frozen=True, kw_only=True)
class EcsServiceSpec:
    """What ECS must know of one service. Raises `ValueError` for what AWS would refuse, or what
    could not be judged."""

    name: str
    """Name of the container, and of the service after the stack's."""
    port: int | None = None
    """The port that the container listens on; None: it serves nothing."""
    health: str | None = None
    """The path that answers 2xx or 3xx: asked by the balancer, else in the container itself."""
    health_command: Sequence[str] | None = None
    """The container's own check, as argv, instead; empty: none."""
    cpu: int = 256
    """CPU units, 1024 a vCPU."""
    memory: int = 512
    """MiB."""
    architecture: Literal["x86_64", "arm64"] = "x86_64"
    """Processor."""
    count: int = 1
    """How many tasks run; what autoscaling makes of it stays until this is changed."""
    drain: int = 30
    """Seconds that requests under way have when a task is stopped, 2 to 120."""
    grace: int = 15
    """Seconds after its start in which a failed check doesn't count, 0 to 300."""
    timeout: int = 300
    """Seconds until a new version must run, with all its tasks."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Plain variables; never a secret."""
    secrets: Mapping[str, str] = field(default_factory=dict)
    """Variables by reference: `parameter:/path` or `secret:name[:json-key]`."""
    before: tuple[str, ...] = ()
    """A command that must succeed in a task of its own before the rollout, such as a migration."""
    schedule: str | None = None
    """`rate(5 minutes)` or `cron(...)`: it runs then, to its end, instead of serving."""
    balancer: Balancer | None = None
    """A load balancer in front of it."""
    open_to: tuple[str, ...] = ()
    """CIDR blocks that may reach its port without a balancer."""
    read_only: bool = True
    """Whether the container's root file system is read-only."""
    retention_days: int = 30
    """How long its logs are kept."""

    def __post_init__(self) -> None:
        check("service", self.name)
        check_size(self.cpu, self.memory)
        check_retention(self.retention_days)
        check_variables(self.environment, self.secrets)
        self._check_times()
        self._check_health()
        if self.balancer is not None:
            self._check_balancer()
        if self.schedule is not None:
            self._check_schedule(self.schedule)

    @property
    def check_command(self) -> list[str] | None:
        """The check that the container runs: not `health` if a balancer asks for that."""
        asked = None if self.balancer or self.schedule else self.health
        return probe(port=self.port, health=asked, command=self.health_command)

    def _check_times(self) -> None:
        if not 2 <= self.drain <= LONGEST_DRAIN:
            raise ValueError(
                f"{self.name}: drain {self.drain} s; allowed: 2 to {LONGEST_DRAIN} s, which is the "
                "longest that Fargate waits for a task to stop"
            )
        if not 0 <= self.grace <= 300:
            raise ValueError(f"{self.name}: grace {self.grace} s; allowed: 0 to 300 s")
        if self.count < 1:
            raise ValueError(
                f"{self.name}: count {self.count}; allowed: 1 or more, since nothing can be said "
                "of a version that doesn't run; remove the service to stop it"
            )

    def _check_health(self) -> None:
        if self.port is not None:
            check_port(self.port)
        if self.health is not None:
            check("health path", self.health)
            if self.port is None:
                raise ValueError(
                    f"{self.name}: health {self.health} can't be asked for: say on which `port` "
                    "the container listens, or remove `health`"
                )

    def _check_balancer(self) -> None:
        for key, given in (("port", self.port), ("health", self.health)):
            if given is None:
                raise ValueError(
                    f"{self.name}: a balancer needs `{key}`: the port that the container listens "
                    "on, and the path that answers 2xx or 3xx when it is healthy"
                )

    def _check_schedule(self, schedule: str) -> None:
        check_schedule(schedule)
        extra = [key for key in ("balancer", "before", "open_to") if getattr(self, key)]
        if extra:
            raise ValueError(
                f"{self.name}: a scheduled task serves nobody and is rolled out by nothing but its "
                f"schedule: remove {' and '.join(f'`{key}`' for key in extra)}, or `schedule`"
            )


def container_definitions(
    service: EcsServiceSpec, *, image: str, log_group: str, region: str, secrets: Mapping[str, str]
) -> str:
    """The JSON text of the one container of a task; sorted, so that equal means unchanged.

    `image` is repository@digest; `secrets` are the variables' `valueFrom`.
    """
    container: dict[str, Any] = {
        "name": service.name,
        "image": image,
        "essential": True,
        "environment": _pairs(service.environment, "value"),
        "secrets": _pairs(secrets, "valueFrom"),
        "readonlyRootFilesystem": service.read_only,
        "linuxParameters": {"initProcessEnabled": True},
        "stopTimeout": service.drain,
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": log_group,
                "awslogs-region": check("region", region),
                "awslogs-stream-prefix": service.name,
            },
        },
    }
    if service.port is not None:
        port = {"containerPort": service.port, "hostPort": service.port, "protocol": "tcp"}
        container["portMappings"] = [port]
    if (command := service.check_command) is not None:
        container["healthCheck"] = {
            "command": command,
            "interval": INTERVAL,
            "timeout": TIMEOUT,
            "retries": RETRIES,
            "startPeriod": service.grace,
        }
    return json.dumps([container], sort_keys=True)


def _pairs(values: Mapping[str, str], key: str) -> list[dict[str, str]]:
    return [{"name": name, key: value} for name, value in sorted(values.items())]
