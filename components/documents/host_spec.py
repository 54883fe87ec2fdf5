"""One service of a host, as the stack file asks for it, and what no host must be told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from components.documents.grammar import check, check_port
from components.documents.systemd_timer import timer_lines

# The deploy script writes these into /opt/<service>/.env.
RESERVED = frozenset({"ECR_REGISTRY", "ECR_REPOSITORY", "IMAGE_TAG"})
_WHOLE = {
    "timeout": (1, 3600),
    "bake": (0, 600),
    "drain": (0, 600),
    "keep": (0, 50),
    "memory": (16, 1 << 20),
    "pids": (16, 1 << 20),
    "free_mib": (0, 1 << 30),
    "body_mib": (0, 1 << 20),
}


@dataclass(frozen=True, kw_only=True)
class HostServiceSpec:
    """What a host must know of one service. Raises `ValueError` for a value it must not hold."""

    name: str
    """Name of the unit and the folder under /opt."""
    container: str | None = None
    """Name of the live container; `name` if not given."""
    job: bool = False
    """Runs and ends."""
    port: int | None = None
    """The port the container listens on; services only."""
    publish: int | tuple[int, ...] | None = None
    """The machine's ports that nginx leads to it; `port` if not given."""
    health: str = "/"
    """The path that says whether the service is healthy."""
    health_status: int | None = None
    """The status that it answers then; any of 200 to 399 if not given."""
    interval: float = 0.2
    """Seconds between two questions for it."""
    timeout: int = 60
    """Seconds until a new version must be healthy, or the job done."""
    bake: int = 5
    """Seconds after the switch in which a crash brings the version before back."""
    drain: int = 30
    """Seconds that requests under way have before the version before is stopped."""
    keep: int = 5
    """How many releases before the live one stay on the host, images and all."""
    volumes: tuple[str, ...] = ()
    """`name:/path`: folders under /opt/<service> that outlive the container."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Plain variables of the container; never a secret."""
    parameters: str | None = None
    """Path in Parameter Store below which its other variables are, as /book-shop/."""
    repository: str | None = None
    """Path of its image's repository: the host runs no image of another; None: any."""
    needs: tuple[str, ...] = ()
    """Variables without which nothing is deployed: the names in the service's .env.example."""
    schedule: str | None = None
    """Jobs: rate(...) or cron(...) in UTC, as on ECS."""
    at_deploy: bool | None = None
    """Jobs: whether a deploy runs it; if not given, when it has no schedule."""
    must_succeed: bool = True
    """Jobs: whether a run that fails at a deploy fails the deploy."""
    user: str | None = None
    """User of the container, as uid or uid:gid; the image's own if not given."""
    read_only: bool = True
    """Whether the container's root file system is read-only; /tmp can be written."""
    cap_add: tuple[str, ...] = ()
    """Linux capabilities that the container keeps; all others are dropped."""
    memory: int = 512
    """Memory in MiB; the kernel ends what takes more."""
    pids: int = 512
    """How many processes and threads the container may have."""
    free_mib: int = 512
    """MiB that must be free before an image is pulled; twice its size if that is more."""
    body_mib: int = 64
    """MiB that the body of a request may have; 0: any."""

    def __post_init__(self) -> None:
        if check("service", self.name) == "slipway-converge":
            raise ValueError("slipway-converge is a unit of slipway's own; take another name")
        check("container", self.container_name)
        check("health path", self.health)
        if self.repository is not None:
            check("repository", self.repository)
        for name, (least, most) in _WHOLE.items():
            _check_range(name, getattr(self, name), least, most)
        _check_range("interval", self.interval, 0.05, 60)
        if self.health_status is not None:
            _check_range("health_status", self.health_status, 200, 599)
        if not self.job:
            self._check_service()
        self._check_container()
        self._check_variables()
        if self.schedule is not None:
            if not self.job:
                raise ValueError("a service has no `schedule`: add `job: true`, or remove it")
            timer_lines(self.schedule)

    def _check_service(self) -> None:
        check_port(self.port or 0)
        if len(set(self.published)) != len(self.published) or not self.published:
            raise ValueError(f"{self.published!r} are no ports; allowed: one or more, each once")
        for port in self.published:
            check_port(port)

    def _check_container(self) -> None:
        if self.user is not None:
            check("user", self.user)
        for capability in self.cap_add:
            check("capability", capability)
        for volume in self.volumes:
            check("volume", volume)
            if ".." in volume:
                raise ValueError(f"{volume!r} is not a volume; allowed: a path without ..")

    def _check_variables(self) -> None:
        if self.parameters is not None:
            check("path of parameters", self.parameters)
        for variable in self.needs:
            check("variable", variable)
        for variable, value in self.environment.items():
            check("variable", variable)
            check("value of a variable", value)
            if variable in RESERVED:
                raise ValueError(f"{variable} is set by each deploy; take another name")

    @property
    def kind(self) -> Literal["service", "job"]:
        """The word for it in the deploy document."""
        return "job" if self.job else "service"

    @property
    def container_name(self) -> str:
        """Name of the live container."""
        return self.container or self.name

    @property
    def published(self) -> tuple[int, ...]:
        """The machine's ports, the first one is where it is said to answer."""
        if isinstance(self.publish, tuple):
            return self.publish
        return (self.publish or self.port or 0,)

    @property
    def runs_at_deploy(self) -> bool:
        """Jobs: whether a deploy runs it."""
        return self.schedule is None if self.at_deploy is None else self.at_deploy

    @property
    def limit(self) -> int:
        """Seconds that a deploy of it may take on the host once its image is there."""
        return self.timeout if self.job else self.timeout + self.bake + self.drain


def _check_range(name: str, value: float, least: float, most: float) -> None:
    if not least <= value <= most:
        raise ValueError(f"{name} {value!r} is out of range; allowed: {least} to {most}")
