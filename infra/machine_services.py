"""What the machines of a stack run: on their Docker, and on their MicroK8s by `delivery: ssm`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pulumi

from components.bundle_store import BundleStore
from components.documents.kubernetes.host_files import kubernetes_files
from components.documents.kubernetes.host_files import scripts as kubernetes_scripts
from components.documents.kubernetes.spec import KubernetesServiceSpec
from components.documents.service import bundle_files, fingerprint
from components.host import Host
from components.host_service import HostService
from components.microk8s_host_app import MicroK8sHostApp, MicroK8sHostAppArgs
from infra.host_machine import (
    StoredBundle,
    Wanted,
    make_host,
    needs_login,
    repository_path,
    store_bundle,
)
from infra.host_services import deploy_host_services, with_repositories
from infra.images import Images, after_all
from infra.kubernetes_cluster import namespace_of
from infra.service_specs import Specs, image_of
from infra.settings import Settings


def deploy_machine_services(
    settings: Settings,
    specs: Specs,
    images: Images,
    store: BundleStore,
    secrets: Mapping[str, str],
) -> tuple[dict[str, HostService | MicroK8sHostApp], StoredBundle | None]:
    """Registers host, bundle and rollouts; the bundle too. `secrets`: by service of MicroK8s the
    versions of what its variables refer to."""
    if settings.host is None:
        return {}, None
    by_ssm = specs.kubernetes if settings.kubernetes.delivery == "ssm" else {}
    # A machine of the stack's own stays, and the cluster with it, when the delivery is the other.
    on_machine = specs.kubernetes if settings.host.create else by_ssm
    clustered = {
        name: replace(each, secret_versions=secrets.get(name, ""))
        for name, each in on_machine.items()
    }
    wanted = Wanted(hosted=with_repositories(settings, specs.host), clustered=clustered)
    if not wanted.names:
        return {}, None
    host = make_host(settings, wanted, images, store)
    pulumi.export("user_data", host.user_data)
    login = needs_login(settings)
    files = bundle_files(wanted.hosted.values(), region=settings.region, login=login)
    parts = {name: _files(settings, clustered[name]) for name in by_ssm}
    if not (wanted.hosted or parts):
        return {}, None
    if parts:
        files |= kubernetes_scripts()
    for part in parts.values():
        files |= part
    stored = store_bundle(settings, store, files)
    return {
        **deploy_host_services(settings, wanted.hosted, images, host, stored),
        **{
            name: _app(settings, clustered[name], images, host, stored, part)
            for name, part in parts.items()
        },
    }, stored


def _files(settings: Settings, service: KubernetesServiceSpec) -> dict[str, str]:
    return kubernetes_files(
        service,
        namespace_of(settings),
        region=settings.region,
        login=needs_login(settings),
        repository=repository_path(settings, service.name),
    )


def _app(
    settings: Settings,
    service: KubernetesServiceSpec,
    images: Images,
    host: Host,
    stored: StoredBundle,
    files: Mapping[str, str],
) -> MicroK8sHostApp:
    fleet = settings.host
    assert fleet is not None  # noqa: S101 -- the settings refuse services without a host
    args = MicroK8sHostAppArgs(
        service=service,
        image=images.made[image_of(service.name, settings.services[service.name])],
        host=host,
        bucket=stored.bucket,
        bundle_key=stored.key,
        bundle_sha256=stored.sha256,
        bundle_version=stored.version,
        fingerprint=fingerprint(files),
        files=files,
        release=settings.version,
        again=settings.all,
        policy=settings.rollout.policy,
        concurrency=fleet.concurrency,
        errors=fleet.errors,
        on_failure=fleet.on_failure,
    )
    return MicroK8sHostApp(service.name, args, after_all(images))
