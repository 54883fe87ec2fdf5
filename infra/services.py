"""The services that run on hosts: machine, bundle, and one rollout each."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import pulumi

from components.bundle import bundle, bundle_key
from components.bundle_store import BundleStore, BundleStoreArgs
from components.documents.service import HostServiceSpec, bundle_files, fingerprint, service_files
from components.host import Host, HostArgs
from components.host_service import HostService, HostServiceArgs
from infra.images import Images
from infra.settings import Settings


@dataclass(frozen=True, kw_only=True)
class StoredBundle:
    """The deploy bundle of this update, and where it lies."""

    bucket: pulumi.Output[str]
    key: pulumi.Output[str]
    sha256: str
    version: str


@dataclass(frozen=True, kw_only=True)
class Services:
    """What runs after this update."""

    deployed: dict[str, HostService]
    """Services by name."""
    stored: StoredBundle | None
    """The bundle that they came with; None without services."""


def make_store(settings: Settings) -> BundleStore:
    """Registers the bucket of bundles and records."""
    return BundleStore(
        "bundles",
        BundleStoreArgs(
            bucket=settings.bundles.bucket,
            create=settings.bundles.create,
            protect=settings.protected,
            readers=settings.bundles.readers,
        ),
    )


def deploy_host_services(settings: Settings, images: Images, store: BundleStore) -> Services:
    """Registers host, bundle and rollouts, each rollout after all images."""
    specs = {name: _spec(settings, name) for name in settings.services}
    if not specs:
        return Services(deployed={}, stored=None)
    host = _host(settings, images, store)
    stored = _store_bundle(settings, store, specs)
    opts = pulumi.ResourceOptions(providers=[images.actor], depends_on=list(images.made.values()))
    deployed = {
        name: HostService(name, _service_args(settings, spec, images, host, stored), opts)
        for name, spec in specs.items()
    }
    return Services(deployed=deployed, stored=stored)


def _spec(settings: Settings, name: str) -> HostServiceSpec:
    service = settings.services[name]
    return HostServiceSpec(
        name=name,
        job=service.job,
        port=service.port,
        publish=service.publish,
        health=service.health,
        volumes=service.volumes,
        environment=service.environment,
        timeout=service.timeout,
    )


def _host(settings: Settings, images: Images, store: BundleStore) -> Host:
    wanted = settings.host
    assert wanted is not None  # noqa: S101 -- the settings refuse services without a host
    return Host(
        "host",
        HostArgs(
            stack=settings.stack,
            region=settings.region,
            create=wanted.create,
            instances=wanted.instances,
            instance_type=wanted.instance_type,
            volume_gib=wanted.volume_gib,
            subnet=wanted.subnet,
            open_to=wanted.open_to,
            ports=tuple(
                service.publish or service.port or 0
                for service in settings.services.values()
                if not service.job
            ),
            bucket=store.bucket,
            repository_arns=[each.arn for each in images.repositories.values()],
            protect=settings.protected,
        ),
    )


def _store_bundle(
    settings: Settings, store: BundleStore, specs: dict[str, HostServiceSpec]
) -> StoredBundle:
    files = bundle_files(specs.values(), region=settings.region, login=_needs_login(settings))
    version = settings.version or fingerprint(files)[:12]
    data = bundle(files, version)
    sha256 = hashlib.sha256(data).hexdigest()
    key = store.put("bundle", bundle_key(settings.stack, version), data, sha256)
    return StoredBundle(bucket=store.bucket, key=key, sha256=sha256, version=version)


def _service_args(
    settings: Settings, spec: HostServiceSpec, images: Images, host: Host, stored: StoredBundle
) -> HostServiceArgs:
    image = images.made[settings.services[spec.name].image or spec.name]
    own = service_files(spec, region=settings.region, login=_needs_login(settings))
    return HostServiceArgs(
        service=spec,
        image=image,
        host=host,
        bucket=stored.bucket,
        bundle_key=stored.key,
        bundle_sha256=stored.sha256,
        bundle_version=stored.version,
        fingerprint=fingerprint(own),
        release=settings.version,
        again=settings.all,
    )


def _needs_login(settings: Settings) -> bool:
    return settings.registry.kind == "ecr"
