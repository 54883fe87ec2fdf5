"""What each service of the stack file is, in the words of its target; checked before anything."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from components.documents.container import DockerServiceSpec
from components.documents.function import LambdaServiceSpec, refuse_for_lambda
from components.documents.kubernetes.spec import KubernetesServiceSpec, Scale
from components.documents.service import HostServiceSpec, names_in_example
from components.documents.task_definition import Balancer, EcsServiceSpec
from infra.kubernetes_section import MicroK8sServiceSection
from infra.look import Look
from infra.service_sections import (
    DockerServiceSection,
    EcsServiceSection,
    HostServiceSection,
    LambdaServiceSection,
    Service,
)
from infra.settings import Settings
from release.problems import Problems

# Keys that say where a service runs, not what it is.
_PLACE = {"target", "image", "cluster", "subnets", "balancer"}


@dataclass(frozen=True, kw_only=True)
class Specs:
    """The services by target."""

    host: Mapping[str, HostServiceSpec] = field(default_factory=dict)
    """Services and jobs of hosts."""
    ecs: Mapping[str, EcsServiceSpec] = field(default_factory=dict)
    """Services and scheduled tasks of ECS."""
    functions: Mapping[str, LambdaServiceSpec] = field(default_factory=dict)
    """Functions of Lambda."""
    docker: Mapping[str, DockerServiceSpec] = field(default_factory=dict)
    """Containers of a Docker engine."""
    kubernetes: Mapping[str, KubernetesServiceSpec] = field(default_factory=dict)
    """Deployments and scheduled tasks of a cluster."""


def specs_of(settings: Settings, seen: Look) -> Specs:
    """The services of a stack. Raises `ValueError` with all that their targets would refuse."""
    problems = Problems()
    made: dict[type, dict[str, Any]] = {kind: {} for kind in _MAKERS}
    for name, service in settings.services.items():
        where = f"{settings.project}:services.{name}"
        try:
            made[type(service)][name] = _MAKERS[type(service)](name, service)
            if isinstance(service, HostServiceSection):
                example = seen.examples.get(service.image or name, "")
                spec = made[HostServiceSection][name]
                made[HostServiceSection][name] = replace(spec, needs=names_in_example(example))
        except ValueError as error:
            problems.add(where, str(error), "mend the stack file; docs/targets.md has the limits")
        if isinstance(service, LambdaServiceSection):
            _check_image(settings, seen, name, service, problems)
    problems.raise_if_any(f"Pulumi.{settings.stack}.yaml asks for what its targets refuse:")
    return Specs(
        host=made[HostServiceSection],
        ecs=made[EcsServiceSection],
        functions=made[LambdaServiceSection],
        docker=made[DockerServiceSection],
        kubernetes=made[MicroK8sServiceSection],
    )


def _check_image(
    settings: Settings, seen: Look, name: str, service: LambdaServiceSection, problems: Problems
) -> None:
    image = seen.images.get(service.image or name)
    if image is None:
        return
    refused = refuse_for_lambda(
        settings.registry.kind, image.attest, image.platforms, service.architecture
    )
    if refused:
        problems.add(f"{settings.project}:services.{name}", "can't run its image", refused)


def _host(name: str, service: HostServiceSection) -> HostServiceSpec:
    return HostServiceSpec(name=name, **_own(service))


def _ecs(name: str, service: EcsServiceSection) -> EcsServiceSpec:
    balancer = Balancer(**_own(service.balancer)) if service.balancer else None
    return EcsServiceSpec(name=name, balancer=balancer, **_own(service))


def _function(name: str, service: LambdaServiceSection) -> LambdaServiceSpec:
    return LambdaServiceSpec(name=name, **_own(service))


def _docker(name: str, service: DockerServiceSection) -> DockerServiceSpec:
    return DockerServiceSpec(name=name, **_own(service))


def _kubernetes(name: str, service: MicroK8sServiceSection) -> KubernetesServiceSpec:
    scale = Scale(**_own(service.scale)) if service.scale else None
    return KubernetesServiceSpec(name=name, **{**_own(service), "scale": scale})


def _own(section: Any) -> dict[str, Any]:
    fields = type(section).model_fields
    return {name: getattr(section, name) for name in fields if name not in _PLACE}


_MAKERS: dict[type, Callable[[str, Any], Any]] = {
    HostServiceSection: _host,
    EcsServiceSection: _ecs,
    LambdaServiceSection: _function,
    DockerServiceSection: _docker,
    MicroK8sServiceSection: _kubernetes,
}


def image_of(name: str, service: Service) -> str:
    """The image that a service runs."""
    return service.image or name
