"""`target: microk8s`: one rollout for each service, after all images, by the stack's delivery."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from components.documents.kubernetes.spec import KubernetesServiceSpec
from infra.images import Images, after_all
from infra.kubernetes_cluster import FoundCluster
from infra.service_specs import image_of
from infra.settings import Settings

if TYPE_CHECKING:
    from components.microk8s_app import MicroK8sApp


def refuse_delivery(settings: Settings) -> None:
    """Raises `ValueError` for a delivery that there is not."""
    used = any(each.target == "microk8s" for each in settings.services.values())
    if used and settings.kubernetes.delivery == "ssm":
        raise ValueError(
            f"{settings.project}:kubernetes.delivery: ssm is not there yet for `target: microk8s`; "
            "say `delivery: api`"
        )


def deploy_kubernetes_services(
    settings: Settings,
    specs: Mapping[str, KubernetesServiceSpec],
    images: Images,
    found: FoundCluster | None,
) -> dict[str, MicroK8sApp]:
    """Registers the cluster's namespace and the services in it; services by name."""
    if not specs or found is None:
        return {}
    return _by_api(settings, specs, images, found)


def _by_api(
    settings: Settings,
    specs: Mapping[str, KubernetesServiceSpec],
    images: Images,
    found: FoundCluster,
) -> dict[str, MicroK8sApp]:
    # Late: the SDK of Kubernetes takes its time to load, and most stacks have no such service.
    from components.kubernetes_cluster import KubernetesCluster, KubernetesClusterArgs
    from components.microk8s_app import MicroK8sApp, MicroK8sAppArgs

    cluster = KubernetesCluster(
        "kubernetes",
        KubernetesClusterArgs(
            kubeconfig=found.kubeconfig,
            cluster_id=found.id,
            node=found.node,
            namespace=found.namespace,
        ),
    )
    return {
        name: MicroK8sApp(
            name,
            MicroK8sAppArgs(
                service=replace(spec, secret_versions=found.secrets.get(name, "")),
                image=images.made[image_of(name, settings.services[name])],
                cluster=cluster,
                login=settings.registry.kind == "ecr",
                policy=settings.rollout.policy,
                release=settings.version,
                again=settings.all,
            ),
            after_all(images),
        )
        for name, spec in specs.items()
    }
