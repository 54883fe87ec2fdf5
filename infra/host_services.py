"""`target: host`: one rollout for each service."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from components.documents.service import (
    HostServiceSpec,
    fingerprint,
    parameters_text,
    service_files,
)
from components.host import Host
from components.host_service import HostService, HostServiceArgs
from infra.access import access_of
from infra.host_machine import StoredBundle, needs_login, repository_path
from infra.host_parameters import versions_of
from infra.images import Images, after_all
from infra.service_specs import image_of
from infra.settings import Settings


def with_repositories(
    settings: Settings, specs: Mapping[str, HostServiceSpec]
) -> dict[str, HostServiceSpec]:
    """The services with the repositories that their images have to be of."""
    return {
        name: replace(each, repository=repository_path(settings, name))
        for name, each in specs.items()
    }


def deploy_host_services(
    settings: Settings,
    specs: Mapping[str, HostServiceSpec],
    images: Images,
    host: Host,
    stored: StoredBundle,
) -> dict[str, HostService]:
    """Registers the rollouts, each after all images; services by name."""
    marks = _fingerprints(settings, specs)
    opts = after_all(images)
    return {
        name: HostService(
            name, _service_args(settings, spec, images, host, stored, marks[name]), opts
        )
        for name, spec in specs.items()
    }


def _fingerprints(settings: Settings, specs: Mapping[str, HostServiceSpec]) -> dict[str, str]:
    """Of what a host is told of each service; a parameter's new version is another one."""
    paths = [each.parameters for each in specs.values() if each.parameters]
    versions = versions_of(access_of(settings), paths)
    found = {}
    for name, spec in specs.items():
        own = service_files(spec, region=settings.region, login=needs_login(settings))
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
