"""What services stand on: networks, clusters and secrets, looked up before anything is done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pulumi_aws as aws

from components.ecs_network import EcsNetwork, find_network
from components.lookups import looked_up, secret_arns
from infra.former import Former
from infra.kubernetes_cluster import FoundCluster, find_cluster
from infra.kubernetes_services import refuse_delivery
from infra.service_sections import EcsServiceSection, LambdaServiceSection
from infra.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What was found."""

    networks: Mapping[tuple[str, ...], EcsNetwork]
    """Networks by the subnets that services name; () is the default one."""
    cluster: FoundCluster | None = None
    """The Kubernetes cluster; None if nothing runs on one."""


def look_ahead(settings: Settings, before: Former | None, folder: Path) -> Ground:
    """Looks up what services name. `before` is what the stack was made of, `folder` that of
    Pulumi.yaml. Raises `ValueError` for what is not there, while it is early: nothing is built,
    pushed or deployed yet."""
    refuse_delivery(settings)
    cluster = find_cluster(settings, before, folder)
    networks: dict[tuple[str, ...], EcsNetwork] = {}
    for name, service in settings.services.items():
        if isinstance(service, EcsServiceSection | LambdaServiceSection):
            secret_arns(name, service.secrets, None)
        if isinstance(service, EcsServiceSection):
            _find_cluster(name, service.cluster)
            if service.subnets not in networks:
                networks[service.subnets] = find_network(service.subnets)
    return Ground(networks=networks, cluster=cluster)


def _find_cluster(service: str, cluster: str | None) -> None:
    if cluster is not None:
        looked_up(
            f"{service}: the cluster {cluster!r}",
            "correct `cluster`, or leave it out: then the stack has one of its own",
            lambda: str(aws.ecs.get_cluster(cluster_name=cluster).arn),
        )
