"""`target: ecs`, `lambda` and `docker`: one rollout for each service, after all images."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

import pulumi

from components.documents.container import DockerServiceSpec
from components.documents.function import LambdaServiceSpec
from components.documents.task_definition import EcsServiceSpec
from components.ecs_cluster import EcsCluster, EcsClusterArgs
from components.ecs_service import EcsService, EcsServiceArgs
from components.lambda_service import LambdaService, LambdaServiceArgs
from infra.ground import Ground
from infra.images import Images, after_all
from infra.service_sections import EcsServiceSection
from infra.service_specs import image_of
from infra.settings import Settings

if TYPE_CHECKING:
    from components.docker_service import DockerService

OWN_ENGINE = "unix:///var/run/docker.sock"


def deploy_ecs_services(
    settings: Settings, specs: Mapping[str, EcsServiceSpec], images: Images, ground: Ground
) -> dict[str, EcsService]:
    """Registers the clusters and the services of ECS; services by name."""
    clusters: dict[str | None, EcsCluster] = {}
    deployed = {}
    for name, spec in specs.items():
        section = settings.services[name]
        assert isinstance(section, EcsServiceSection)  # noqa: S101 -- specs are made of these
        if section.cluster not in clusters:
            clusters[section.cluster] = _cluster(settings, section.cluster)
        image = image_of(name, section)
        deployed[name] = EcsService(
            name,
            EcsServiceArgs(
                stack=settings.stack,
                region=settings.region,
                account=settings.account,
                service=spec,
                image=images.made[image],
                repository_arn=images.repositories[image].arn,
                cluster=clusters[section.cluster],
                network=ground.networks[section.subnets],
                policy=settings.rollout.policy,
                log_key=settings.logs.key,
                protect=settings.protected,
                release=settings.version,
                again=settings.all,
            ),
            after_all(images),
        )
    return deployed


def deploy_functions(
    settings: Settings, specs: Mapping[str, LambdaServiceSpec], images: Images
) -> dict[str, LambdaService]:
    """Registers the functions of Lambda; services by name."""
    return {
        name: LambdaService(
            name,
            LambdaServiceArgs(
                stack=settings.stack,
                service=spec,
                image=images.made[image_of(name, settings.services[name])],
                log_key=settings.logs.key,
                policy=settings.rollout.policy,
                release=settings.version,
                again=settings.all,
            ),
            after_all(images),
        )
        for name, spec in specs.items()
    }


def deploy_containers(
    settings: Settings, specs: Mapping[str, DockerServiceSpec], images: Images
) -> dict[str, DockerService]:
    """Registers the engine and its containers; services by name."""
    if not specs:
        return {}
    # Late: the SDK of Docker takes its time to load, and most stacks have no such service.
    from components.docker_engine import DockerEngine, DockerEngineArgs
    from components.docker_service import DockerService, DockerServiceArgs

    used = {image_of(name, settings.services[name]) for name in specs}
    hosts = [_host(images.repositories[image].uri) for image in sorted(used)[:1]]
    address = settings.docker.host or os.environ.get("DOCKER_HOST") or OWN_ENGINE
    engine = DockerEngine("docker", DockerEngineArgs(host=address, registries=hosts))
    return {
        name: DockerService(
            name,
            DockerServiceArgs(
                stack=settings.stack,
                service=spec,
                image=images.made[image_of(name, settings.services[name])],
                engine=engine,
                policy=settings.rollout.policy,
                release=settings.version,
                again=settings.all,
            ),
            after_all(images),
        )
        for name, spec in specs.items()
    }


def _cluster(settings: Settings, name: str | None) -> EcsCluster:
    logical = f"cluster-{name}" if name else "cluster"
    wanted = EcsClusterArgs(stack=settings.stack, cluster=name, insights=settings.ecs.insights)
    return EcsCluster(logical, wanted)


def _host(uri: pulumi.Output[str]) -> pulumi.Output[str]:
    return uri.apply(lambda each: each.partition("/")[0])
