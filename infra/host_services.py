"""`target: host`: machine, bundle, and one rollout for each service."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace

import pulumi

from components.bundle import bundle, bundle_key
from components.bundle_store import BundleStore
from components.documents.service import (
    HostServiceSpec,
    bundle_files,
    fingerprint,
    parameters_text,
    service_files,
)
from components.host import Host, HostArgs
from components.host_service import HostService, HostServiceArgs
from components.session_logging import SessionLoggingArgs
from infra.access import access_of
from infra.host_parameters import versions_of
from infra.images import Images, after_all
from infra.service_specs import image_of
from infra.settings import Settings
from release.names import render_repository


@dataclass(frozen=True, kw_only=True)
class StoredBundle:
    """The deploy bundle of this update, and where it lies."""

    bucket: pulumi.Output[str]
    key: pulumi.Output[str]
    sha256: str
    version: str


def deploy_host_services(
    settings: Settings,
    specs: Mapping[str, HostServiceSpec],
    images: Images,
    store: BundleStore,
) -> tuple[dict[str, HostService], StoredBundle | None]:
    """Registers host, bundle and rollouts, each rollout after all images; the bundle too."""
    if not specs:
        return {}, None
    specs = {name: replace(each, repository=_path(settings, name)) for name, each in specs.items()}
    host = _host(settings, specs, images, store)
    pulumi.export("user_data", host.user_data)
    stored = _store_bundle(settings, store, specs)
    marks = _fingerprints(settings, specs)
    opts = after_all(images)
    deployed = {
        name: HostService(
            name, _service_args(settings, spec, images, host, stored, marks[name]), opts
        )
        for name, spec in specs.items()
    }
    return deployed, stored


def _host(
    settings: Settings, specs: Mapping[str, HostServiceSpec], images: Images, store: BundleStore
) -> Host:
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
            public_address=wanted.public_address,
            sessions=_sessions(settings),
            log_days=wanted.log_days,
            log_key=settings.logs.key,
            open_to=wanted.open_to,
            ports=tuple(port for each in specs.values() if not each.job for port in each.published),
            bucket=store.bucket,
            repository=_template(settings, specs, images),
            # Not of every image: it runs these services alone.
            repository_arns=[
                images.repositories[each].arn
                for each in sorted({image_of(name, settings.services[name]) for name in specs})
            ],
            bundle_key=settings.bundles.kms_key,
            parameter_paths=sorted({each.parameters for each in specs.values() if each.parameters}),
            protect=settings.protected,
        ),
    )


def _path(settings: Settings, service: str) -> str:
    """The path of the repository that a service's image is in."""
    values = {"image": image_of(service, settings.services[service]), "stack": settings.stack}
    path = render_repository(settings.registry.repository, values)
    return f"{settings.registry.alias}/{path}" if settings.registry.alias else path


def _template(
    settings: Settings, specs: Mapping[str, HostServiceSpec], images: Images
) -> pulumi.Output[str]:
    """host/path of this stack's repositories, with {image} for the name."""
    name = next(iter(specs))
    own = _path(settings, name)
    template = settings.registry.repository.replace("{stack}", settings.stack)
    below = "/".join(filter(None, (settings.registry.alias, template)))
    uri = images.repositories[image_of(name, settings.services[name])].uri
    return uri.apply(lambda each: f"{each.removesuffix(own)}{below}")


def _sessions(settings: Settings) -> SessionLoggingArgs | None:
    if settings.host is None or settings.host.sessions is None:
        return None
    wanted = settings.host.sessions
    return SessionLoggingArgs(
        region=settings.region,
        create=wanted.create,
        retention_days=wanted.retention_days,
        key=wanted.key,
        protect=settings.protected,
    )


def _store_bundle(
    settings: Settings, store: BundleStore, specs: Mapping[str, HostServiceSpec]
) -> StoredBundle:
    files = bundle_files(specs.values(), region=settings.region, login=_needs_login(settings))
    version = settings.version or fingerprint(files)[:12]
    data = bundle(files, version)
    sha256 = hashlib.sha256(data).hexdigest()
    key = store.put("bundle", bundle_key(settings.stack, version), data, sha256)
    return StoredBundle(bucket=store.bucket, key=key, sha256=sha256, version=version)


def _fingerprints(settings: Settings, specs: Mapping[str, HostServiceSpec]) -> dict[str, str]:
    """Of what a host is told of each service; a parameter's new version is another one."""
    paths = [each.parameters for each in specs.values() if each.parameters]
    versions = versions_of(access_of(settings), paths)
    found = {}
    for name, spec in specs.items():
        own = service_files(spec, region=settings.region, login=_needs_login(settings))
        if spec.parameters:
            own["parameters"] = parameters_text(versions[spec.parameters])
        found[name] = fingerprint(own)
    return found


def _service_args(
    settings: Settings,
    spec: HostServiceSpec,
    images: Images,
    host: Host,
    stored: StoredBundle,
    mark: str,
) -> HostServiceArgs:
    image = images.made[image_of(spec.name, settings.services[spec.name])]
    fleet = settings.host
    assert fleet is not None  # noqa: S101 -- the settings refuse services without a host
    return HostServiceArgs(
        service=spec,
        image=image,
        host=host,
        bucket=stored.bucket,
        bundle_key=stored.key,
        bundle_sha256=stored.sha256,
        bundle_version=stored.version,
        fingerprint=mark,
        release=settings.version,
        again=settings.all,
        policy=settings.rollout.policy,
        concurrency=fleet.concurrency,
        errors=fleet.errors,
        on_failure=fleet.on_failure,
    )


def _needs_login(settings: Settings) -> bool:
    return settings.registry.kind == "ecr"
