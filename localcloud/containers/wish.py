"""What a container is to be, and what became of it."""

from dataclasses import dataclass, field
from typing import Any

SECOND = 1_000_000_000
"""Docker's durations are nanoseconds."""


@dataclass(frozen=True, kw_only=True)
class HealthCheck:
    """A check that the engine runs inside a container; all times in seconds."""

    command: tuple[str, ...]
    """`CMD` or `CMD-SHELL` and its words; `NONE` switches the image's own check off."""
    interval: float = 30
    timeout: float = 5
    retries: int = 3
    start_period: float = 0

    def docker(self) -> dict[str, Any]:
        """The check in the engine's form."""
        return {
            "test": list(self.command),
            "interval": int(self.interval * SECOND),
            "timeout": int(self.timeout * SECOND),
            "retries": self.retries,
            "start_period": int(self.start_period * SECOND),
        }


@dataclass(frozen=True, kw_only=True)
class ContainerWish:
    """A container that is to be made. What is None is the image's own setting."""

    name: str
    """Unique on the engine within this cloud; the cloud's label is put before it."""
    image: str
    """The engine's own name or id of an image that it has."""
    owner: str = ""
    """What the container belongs to, such as a task's id: `watch` and `ids` tell it by this."""
    environment: dict[str, str] = field(default_factory=dict)
    entrypoint: list[str] | None = None
    command: list[str] | None = None
    network: str | None = None
    """`container:ID` for the namespace of another container; None: the cloud's network."""
    memory_mb: int | None = None
    """A hard limit, swap included: what needs more is killed with exit code 137."""
    reservation_mb: int | None = None
    health: HealthCheck | None = None
    binds: dict[str, str] = field(default_factory=dict)
    """Host folder to folder in the container, read-only with a trailing `:ro`."""
    tmpfs: dict[str, str] = field(default_factory=dict)
    capabilities: tuple[str, ...] = ()
    user: str | None = None
    folder: str | None = None
    hostname: str | None = None
    read_only: bool = False
    stop_signal: str | None = None


@dataclass(frozen=True, kw_only=True)
class ContainerState:
    """What the engine says of a container."""

    running: bool
    exit_code: int | None
    """None while it runs and before it has started."""
    out_of_memory: bool
    health: str
    """starting, healthy, unhealthy, or none without a check."""
    address: str
    """Its address on the cloud's network; empty if it has none of its own."""
    error: str
    """Why the engine could not start it."""
    pid: int


GONE = ContainerState(
    running=False, exit_code=None, out_of_memory=False, health="none", address="", error="", pid=0
)
"""The state of a container that the engine does not know."""
