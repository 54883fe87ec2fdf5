"""The cluster of a stack: reached, and known to be the right one, before anything is done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from clients import ClientError
from clients.kubernetes_config import Cluster, cluster_of
from clients.secret_values import versions_of
from components.documents.kubernetes.host_files import check_host_can
from components.documents.kubernetes.namespace import namespace_object
from infra.access import access_of
from infra.former import Former
from infra.kubernetes_section import MicroK8sServiceSection
from infra.settings import Settings
from infra.stack_file import kubeconfig_of

_IDENTITY = "kube-system"
"""The namespace that is made with a cluster and goes with it: its uid tells clusters apart."""


@dataclass(frozen=True, kw_only=True)
class FoundCluster:
    """A cluster that answers."""

    kubeconfig: str = field(repr=False)
    """How to reach it; a secret."""
    id: str
    """What tells it from every other cluster."""
    node: str
    """The address that its published ports are on."""
    namespace: str
    """The namespace that the stack is in."""
    secrets: Mapping[str, str]
    """The versions of what each service's secrets refer to, by service."""


def find_cluster(settings: Settings, before: Former | None, folder: Path) -> FoundCluster | None:
    """Asks the cluster who it is; None if no service wants one. `folder` is that of Pulumi.yaml.

    Raises `ValueError` or `ClientError` if there is no kubeconfig, the cluster does not answer, or
    is another than the stack's.
    """
    services = {
        name: service
        for name, service in settings.services.items()
        if isinstance(service, MicroK8sServiceSection)
    }
    if services:
        _refuse_leaving(settings, before)
    if not services or settings.kubernetes.delivery != "api":
        return None
    namespace = namespace_of(settings)
    text = kubeconfig_of(settings, folder)
    try:
        cluster = cluster_of(text)
    except ClientError as error:
        raise ValueError(f"{_key(settings)}: {error}") from None
    found = _identity(settings, cluster)
    _refuse_another(settings, before, cluster, found)
    access = access_of(settings)
    return FoundCluster(
        kubeconfig=text,
        id=found,
        node=urlsplit(cluster.server).hostname or cluster.server,
        namespace=namespace,
        secrets={
            name: versions_of(access, each.secrets)
            for name, each in services.items()
            if each.secrets
        },
    )


def secrets_by_ssm(settings: Settings) -> Mapping[str, str]:
    """With `delivery: ssm`, the versions of what each service's secrets refer to, by service.

    No value is read. Raises `AwsError` for what is not there, `ValueError` for what no host reads.
    """
    if settings.kubernetes.delivery != "ssm":
        return {}
    secrets = {
        name: service.secrets
        for name, service in settings.services.items()
        if isinstance(service, MicroK8sServiceSection) and service.secrets
    }
    for name, each in secrets.items():
        try:
            check_host_can(each)
        except ValueError as error:
            raise ValueError(f"{settings.project}:services.{name}.{error}") from None
    access = access_of(settings)
    return {name: versions_of(access, each) for name, each in secrets.items()}


def _refuse_leaving(settings: Settings, before: Former | None) -> None:
    """Objects that leave the stack are deleted, and the other delivery has no part in that."""
    if settings.kubernetes.delivery == "api" or before is None or not before.cluster:
        return
    if not before.moving:
        raise ValueError(
            f"{settings.project}:kubernetes.delivery: this stack was deployed with `api`, and "
            "with `ssm` all that it has in the cluster would be deleted. Nothing was done. "
            "First say `{delivery: api, moving: true}` and pulumi up; docs/microk8s.md has the rest"
        )


def _key(settings: Settings) -> str:
    section = "kubernetes.kubeconfig" if settings.kubernetes.kubeconfig else "kubeconfig"
    return f"{settings.project}:{section}"


def namespace_of(settings: Settings) -> str:
    """The namespace that all of a stack is in. Raises `ValueError` if it can't be ours."""
    name = settings.kubernetes.namespace or settings.stack
    try:
        namespace_object(name)
    except ValueError as error:
        raise ValueError(f"{settings.project}:kubernetes.namespace: {error}") from None
    return name


def _identity(settings: Settings, cluster: Cluster) -> str:
    # A cluster's client is loaded by the stacks that ask a cluster.
    from clients.kubernetes import Kubernetes

    found = Kubernetes(cluster).get("Namespace", "", _IDENTITY)
    if found is None:
        raise ValueError(
            f"{_key(settings)}: {cluster.server} has no namespace {_IDENTITY}, so it is no "
            "Kubernetes; take the text that `microk8s config` prints"
        )
    return str(found["metadata"]["uid"])


def _refuse_another(
    settings: Settings, before: Former | None, cluster: Cluster, found: str
) -> None:
    said = settings.kubernetes.cluster
    known = said or (before.cluster if before else None)
    if known in (None, found):
        return
    place = f"{settings.project}:kubernetes.cluster" if said else "its last update"
    raise ValueError(
        f"{_key(settings)}: the stack {settings.stack!r} belongs to the cluster {known} ({place}), "
        f"and {cluster.name} at {cluster.server} is {found}. Nothing was done. Give the kubeconfig "
        f"of the right one; to move there, say `cluster: {found}` in {settings.project}:kubernetes"
    )
