"""All services of a stack, whatever they run on, and their common verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import pulumi

from components.bundle_store import BundleStore, BundleStoreArgs
from components.lambda_service import LambdaService
from infra.cloud_services import deploy_containers, deploy_ecs_services, deploy_functions
from infra.ground import Ground
from infra.host_services import StoredBundle, deploy_host_services
from infra.images import Images
from infra.kubernetes_services import deploy_kubernetes_services
from infra.service_specs import Specs
from infra.settings import Settings
from provider.sdk import Provider, Together, TogetherArgs


class DeployedService(Protocol):
    """What every target gives back of a service."""

    url: pulumi.Output[str] | None
    """Where it answers; None if it serves nothing."""
    digest: pulumi.Output[str]
    """The digest that really runs."""
    version: pulumi.Output[str]
    """The image's name for people."""
    verdict: pulumi.Output[str]
    """What came of the rollout, in words."""
    entry: Mapping[str, pulumi.Input[Any]]
    """What the record of an update says of it."""


@dataclass(frozen=True, kw_only=True)
class Services:
    """What runs after this update."""

    deployed: Mapping[str, DeployedService]
    """Services by name, in the order of the stack file."""
    stored: StoredBundle | None
    """The bundle that hosts got; None without one."""
    together: Together | None
    """The common verdict, where services stand or fall together."""


def make_store(settings: Settings, actor: Provider, *, adopt: bool = False) -> BundleStore:
    """Registers the bucket of bundles and records; `adopt`: it is there already."""
    return BundleStore(
        "bundles",
        BundleStoreArgs(
            bucket=settings.bundles.bucket,
            create=settings.bundles.create,
            protect=settings.protected,
            readers=settings.bundles.readers,
            kms_key=settings.bundles.kms_key,
            access_log=settings.bundles.access_log,
            adopt=adopt,
        ),
        pulumi.ResourceOptions(providers=[actor]),
    )


def deploy_services(
    settings: Settings, specs: Specs, images: Images, store: BundleStore, ground: Ground
) -> Services:
    """Registers every service, each after all images."""
    hosted, stored = deploy_host_services(settings, specs.host, images, store)
    found: dict[str, DeployedService] = {
        **hosted,
        **deploy_ecs_services(settings, specs.ecs, images, ground),
        **deploy_functions(settings, specs.functions, images),
        **deploy_containers(settings, specs.docker, images),
        **deploy_kubernetes_services(settings, specs.kubernetes, images, ground.cluster),
    }
    deployed = {name: found[name] for name in settings.services}
    together = _together(settings, images, deployed)
    if together is not None:
        for service in deployed.values():
            if isinstance(service, LambdaService):
                service.add_address(together)
    return Services(deployed=deployed, stored=stored, together=together)


def _together(
    settings: Settings, images: Images, deployed: Mapping[str, DeployedService]
) -> Together | None:
    asked = ("verdict", "deployment")
    # What runs by the clock has no rollout.
    judged = {name: each for name, each in deployed.items() if "deployment" in each.entry}
    if settings.rollout.policy != "together" or not judged:
        return None
    verdicts = {
        name: {
            **{key: service.entry[key] for key in asked},
            "digest": images.made[settings.services[name].image or name].digest,
            "deployed_digest": service.digest,
        }
        for name, service in judged.items()
    }
    return Together(
        "together",
        TogetherArgs(verdicts=verdicts, release=settings.version),
        pulumi.ResourceOptions(provider=images.actor),
    )
