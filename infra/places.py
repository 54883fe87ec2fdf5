"""Where a service stands: the names that it has in AWS, on a Docker engine and in a cluster."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Literal

from components.documents import stack_names
from infra.kubernetes_section import MicroK8sServiceSection
from infra.service_sections import (
    DockerServiceSection,
    EcsServiceSection,
    HostServiceSection,
    LambdaServiceSection,
)
from infra.settings import Settings

OWN_ENGINE = "unix:///var/run/docker.sock"
ALIAS = "live"


@dataclass(frozen=True, kw_only=True)
class HostPlace:
    """Machines that are found by a tag, and the document that reaches them."""

    name: str
    kind: str
    """service or job."""
    tag: tuple[str, str]
    document: str


@dataclass(frozen=True, kw_only=True)
class EcsPlace:
    """A service of ECS, or a rule that starts tasks."""

    name: str
    cluster: str
    resource: str
    """Name of the service."""
    rule: str | None
    """Name of the rule, if it runs by the clock."""
    log_group: str


@dataclass(frozen=True, kw_only=True)
class LambdaPlace:
    """The alias of a function."""

    name: str
    function: str
    alias: str
    log_group: str


@dataclass(frozen=True, kw_only=True)
class DockerPlace:
    """A container that its label finds."""

    name: str
    engine: str
    owner: str
    """The label's value: project/stack/service."""


@dataclass(frozen=True, kw_only=True)
class KubernetesPlace:
    """A deployment of a cluster, or a cron job."""

    name: str
    kind: Literal["Deployment", "CronJob"]
    namespace: str
    delivery: Literal["ssm", "api"]
    """api: this machine reaches the cluster; ssm: only the cluster's host does."""

    @property
    def labels(self) -> dict[str, str]:
        """What its pods are found by."""
        task = f"{self.name}-task" if self.kind == "CronJob" else self.name
        return {"app.kubernetes.io/name": task, "app.kubernetes.io/managed-by": "slipway"}

    @property
    def resource(self) -> str:
        """What kubectl calls it."""
        return f"{self.kind.lower()}/{self.name}"


Place = HostPlace | EcsPlace | LambdaPlace | DockerPlace | KubernetesPlace


def place_of(settings: Settings, name: str) -> Place:
    """Where one service of the stack stands. Raises `KeyError` if there is no such service."""
    service, stack = settings.services[name], settings.stack
    match service:
        case HostServiceSection():
            return HostPlace(
                name=name,
                kind="job" if service.job else "service",
                tag=_machines(settings),
                document=stack_names.host_document(stack),
            )
        case EcsServiceSection():
            by_clock = service.schedule is not None
            return EcsPlace(
                name=name,
                cluster=service.cluster or stack_names.cluster(stack),
                resource=stack_names.workload(stack, name),
                rule=stack_names.workload(stack, name, 64) if by_clock else None,
                log_group=stack_names.task_log_group(stack, name),
            )
        case LambdaServiceSection():
            return LambdaPlace(
                name=name,
                function=stack_names.workload(stack, name, 64),
                alias=ALIAS,
                log_group=stack_names.function_log_group(stack, name),
            )
        case DockerServiceSection():
            return DockerPlace(
                name=name,
                engine=settings.docker.host or os.environ.get("DOCKER_HOST") or OWN_ENGINE,
                owner=f"{settings.project}/{stack}/{name}",
            )
        case MicroK8sServiceSection():
            return KubernetesPlace(
                name=name,
                kind="CronJob" if service.schedule else "Deployment",
                namespace=settings.kubernetes.namespace or stack,
                delivery=settings.kubernetes.delivery,
            )


def _machines(settings: Settings) -> tuple[str, str]:
    """The tag of the stack's machines: that of the stack file, else the name of our own one."""
    wanted = settings.host.instances if settings.host else None
    if wanted is not None:
        key, _, value = wanted["tag"].partition("=")
        return key, value
    return "Name", f"slipway-{settings.stack}-host"
