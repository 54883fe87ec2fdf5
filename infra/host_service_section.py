"""A service of `target: host` in the stack file."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from infra.service_base import BaseService, Path, Port, Volume


class HostServiceSection(BaseService):
    """`target: host`: systemd and Docker on an EC2 machine."""

    target: Literal["host"]
    """host"""
    container: str | None = None
    """Name of the live container; the service's own if not given."""
    job: bool = False
    """Runs and ends, instead of serving."""
    port: Port | None = None
    """The port that the container listens on."""
    publish: Port | tuple[Port, ...] | None = None
    """The port or ports of the machine that nginx leads to it; `port` if not given."""
    health: Path = "/"
    """The path that says whether the service is healthy."""
    health_status: int | None = Field(default=None, ge=200, le=599)
    """The status that it answers then; any of 200 to 399 if not given."""
    interval: float = Field(default=0.2, ge=0.05, le=60)
    """Seconds between two questions for it."""
    timeout: int = Field(default=60, ge=5, le=3600)
    """Seconds until the new version must be healthy, or the job done."""
    bake: int = Field(default=5, ge=0, le=600)
    """Seconds after the switch in which a crash brings the version before back."""
    drain: int = Field(default=30, ge=0, le=600)
    """Seconds that requests under way have before the version before is stopped."""
    keep: int = Field(default=5, ge=0, le=50)
    """How many releases before the live one stay on the machine, images and all."""
    volumes: tuple[Volume, ...] = ()
    """`name:/path`: folders under /opt/<service> that outlive the container."""
    parameters: str | None = None
    """A path of Parameter Store, as /book-shop/: what is directly below it are variables."""
    schedule: str | None = None
    """Jobs: rate(5 minutes) or cron(...) in UTC: when it runs."""
    at_deploy: bool | None = None
    """Jobs: whether a deploy runs it; by default one without a schedule."""
    must_succeed: bool = True
    """Jobs: whether a run that fails at a deploy fails the deploy."""
    user: str | None = None
    """User of the container, as uid or uid:gid; the image's own if not given."""
    read_only: bool = True
    """Whether the container's root file system is read-only; /tmp can be written."""
    cap_add: tuple[str, ...] = ()
    """Linux capabilities that the container keeps, as NET_BIND_SERVICE; else none."""
    memory: int = Field(default=512, ge=16, le=1 << 20)
    """Memory in MiB; the kernel ends what takes more."""
    pids: int = Field(default=512, ge=16, le=1 << 20)
    """How many processes and threads the container may have."""
    free_mib: int = Field(default=512, ge=0, le=1 << 30)
    """MiB that must be free before an image is pulled; twice its size if that is more."""
    body_mib: int = Field(default=64, ge=0, le=1 << 20)
    """MiB that the body of a request may have; 0: any."""

    @model_validator(mode="after")
    def _shape(self) -> HostServiceSection:
        if self.job and (self.port or self.publish):
            raise ValueError("a job serves no port: remove `port` and `publish`, or `job: true`")
        if not self.job and self.port is None:
            raise ValueError("needs `port`, the port its container listens on, or `job: true`")
        return self
