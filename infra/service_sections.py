"""`slipway:services`: an image, and where it runs; each target has keys of its own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

from infra.host_service_section import HostServiceSection as HostServiceSection
from infra.kubernetes_section import MicroK8sServiceSection
from infra.release_section import Section
from infra.service_base import BaseService, Path, Port, Reference, Subnet, Volume


class Balancer(Section):
    """`balancer` of an ECS service: an application load balancer before it."""

    public: bool = False
    """Whether it answers to the internet; else inside of the network alone."""
    certificate: str | None = Field(default=None, pattern=r"^arn:aws[a-z-]*:acm:[^\s]+$")
    """ARN of its certificate: HTTPS, and HTTP is sent there; else HTTP alone."""
    open_to: tuple[str, ...] = ()
    """CIDR blocks that may reach it; everybody if public, the private ranges if not."""


class EcsServiceSection(BaseService):
    """`target: ecs`: a Fargate service, or a task that runs on a schedule."""

    target: Literal["ecs"]
    """ecs"""
    port: Port | None = None
    """The port that the container listens on; needed unless it is scheduled."""
    health: Path | None = None
    """The path that answers 2xx or 3xx: asked by the balancer, else in the container itself."""
    health_command: tuple[str, ...] | None = None
    """The container's own check instead, as a list of words; an empty list: none."""
    cpu: int = 256
    """CPU units, 1024 are one vCPU."""
    memory: int = 512
    """Memory in MiB; Fargate knows certain pairs of CPU and memory."""
    architecture: Literal["x86_64", "arm64"] = "x86_64"
    """What the image is built for."""
    count: int = Field(default=1, ge=1, le=1000)
    """How many tasks run."""
    drain: int = Field(default=30, ge=2, le=120)
    """Seconds that requests under way have when a task is stopped."""
    grace: int = Field(default=15, ge=0, le=300)
    """Seconds after its start in which a failed check does not count."""
    timeout: int = Field(default=300, ge=10, le=3600)
    """Seconds until all tasks of the new version must be healthy."""
    secrets: Mapping[str, Reference] = Field(default_factory=dict)
    """Variables whose values come from `parameter:/path` or `secret:name`, at the task's start."""
    before: tuple[str, ...] = ()
    """A command of the same image that must succeed before the new version starts: a migration."""
    schedule: str | None = None
    """rate(5 minutes) or cron(...): a task that runs then, and no service."""
    balancer: Balancer | None = None
    """A load balancer before it; none by default."""
    open_to: tuple[str, ...] = ()
    """CIDR blocks that may reach the port without a balancer."""
    read_only: bool = True
    """Whether the container's root file system is read-only."""
    cluster: str | None = None
    """The cluster; one of this stack's own if not given."""
    subnets: tuple[Subnet, ...] = ()
    """Where it runs; the default network if not given."""
    retention_days: int = 30
    """Days that logs are kept."""


class LambdaServiceSection(BaseService):
    """`target: lambda`: a function from an image."""

    target: Literal["lambda"]
    """lambda"""
    memory: int = Field(default=256, ge=128, le=10240)
    """Memory in MB."""
    timeout: int = Field(default=30, ge=1, le=900)
    """Seconds that an invocation may take."""
    url: bool | Literal["public"] = False
    """true: an address that needs AWS credentials; public: one for everybody."""
    smoke: Mapping[str, Any] = Field(default_factory=dict)
    """The event that a new version has to answer before it gets any traffic."""
    deadline: int = Field(default=300, ge=10, le=3600)
    """Seconds until a new version must serve."""
    architecture: Literal["x86_64", "arm64"] = "x86_64"
    """What the image is built for."""
    secrets: Mapping[str, Reference] = Field(default_factory=dict)
    """Variables that hold the reference; the function reads the secret itself."""
    retention_days: int = 30
    """Days that logs are kept."""
    concurrency: int | None = Field(default=None, ge=1)
    """How many run at the same time at most, taken from the account's limit; as it has if None."""
    tracing: bool = False
    """Whether it begins traces of AWS X-Ray by itself."""

    @field_validator("smoke", mode="before")
    @classmethod
    def _an_event(cls, event: Any) -> Any:
        if isinstance(event, str):
            try:
                return json.loads(event)
            except ValueError as error:
                raise ValueError(f"the smoke event is not JSON: {error}") from None
        return event


class DockerServiceSection(BaseService):
    """`target: docker`: a container on any Docker engine."""

    target: Literal["docker"]
    """docker"""
    port: Port | None = None
    """The port that the container listens on; none if it serves nothing."""
    publish: Port | None = None
    """The port of the engine's machine that leads to it; `port` if not given."""
    open: bool = False
    """Whether other machines may reach it; else the engine's own alone."""
    health: Path | None = None
    """The path that answers 2xx or 3xx, asked for in the container itself."""
    health_command: tuple[str, ...] | None = None
    """The container's own check instead, as a list of words; an empty list: none."""
    memory: int = Field(default=512, ge=16)
    """Memory in MiB; the kernel ends what takes more."""
    drain: int = Field(default=30, ge=0, le=600)
    """Seconds that it has to end when it is replaced."""
    grace: int = Field(default=15, ge=0, le=300)
    """Seconds after its start in which a failed check does not count."""
    volumes: tuple[Volume, ...] = ()
    """`name:/path`: Docker volumes that outlive the container."""
    timeout: int = Field(default=60, ge=5, le=3600)
    """Seconds until it must be healthy."""


Service = Annotated[
    HostServiceSection
    | EcsServiceSection
    | LambdaServiceSection
    | DockerServiceSection
    | MicroK8sServiceSection,
    Field(discriminator="target"),
]
