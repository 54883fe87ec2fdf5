"""All manifests of a service, in the order in which they are applied."""

from __future__ import annotations

from typing import Any

from components.documents.kubernetes.configuration import config_map
from components.documents.kubernetes.namespace import service_account
from components.documents.kubernetes.network import ingress, network_policy, service_object
from components.documents.kubernetes.scaling import autoscaler, disruption_budget
from components.documents.kubernetes.spec import KubernetesServiceSpec
from components.documents.kubernetes.workload import cron_job, deployment


def surroundings(service: KubernetesServiceSpec, namespace: str) -> list[dict[str, Any]]:
    """What stays the same from version to version: who it is, network, scaling."""
    made = (
        service_account(service, namespace),
        service_object(service, namespace),
        ingress(service, namespace),
        None if service.schedule else network_policy(service, namespace),
        autoscaler(service, namespace),
        disruption_budget(service, namespace),
    )
    return [each for each in made if each is not None]


def versioned(
    service: KubernetesServiceSpec, namespace: str, image: str, *, pull_secret: bool
) -> list[dict[str, Any]]:
    """What a rollout switches: variables, and the deployment or the scheduled task."""
    workload = cron_job if service.schedule is not None else deployment
    made = (
        config_map(service, namespace),
        workload(service, namespace, image, pull_secret=pull_secret),
    )
    return [each for each in made if each is not None]
