"""The machines of a stack and its bundle: for services of hosts, and of their MicroK8s."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from components.bundle import bundle, bundle_key
from components.bundle_store import BundleStore
from components.documents.kubernetes.spec import KubernetesServiceSpec
from components.documents.service import HostServiceSpec, fingerprint
from components.host import Host, HostArgs
from components.session_logging import SessionLoggingArgs
from infra.images import Images
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


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What the machines are for."""

    hosted: Mapping[str, HostServiceSpec]
    """Services that their Docker runs."""
    clustered: Mapping[str, KubernetesServiceSpec]
    """Services that their MicroK8s runs."""

    @property
    def names(self) -> tuple[str, ...]:
        """Of all these services."""
        return (*self.hosted, *self.clustered)

    @property
    def ports(self) -> tuple[int, ...]:
        """Ports of the machine that lead to them."""
        own = [port for each in self.hosted.values() if not each.job for port in each.published]
        nodes = [each.publish for each in self.clustered.values() if each.publish]
        # MicroK8s' ingress controller listens on the node's own.
        doors = [80, 443] if any(each.host for each in self.clustered.values()) else []
        return (*own, *nodes, *(each for each in doors if each not in own))


def make_host(settings: Settings, services: Wanted, images: Images, store: BundleStore) -> Host:
    """Registers the machine, or finds machines."""
    wanted = settings.host
    assert wanted is not None  # noqa: S101 -- the settings refuse services without a host
    clustered, hosted = services.clustered.values(), services.hosted.values()
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
            ports=services.ports,
            bucket=store.bucket,
            repository=_template(settings, services.names[0], images),
            # Not of every image: it runs these services alone.
            repository_arns=[
                images.repositories[each].arn
                for each in sorted(
                    {image_of(name, settings.services[name]) for name in services.names}
                )
            ],
            bundle_key=settings.bundles.kms_key,
            parameter_paths=sorted({each.parameters for each in hosted if each.parameters}),
            references=sorted({text for each in clustered for text in each.secrets.values()}),
            kubernetes=wanted.kubernetes,
            protect=settings.protected,
        ),
    )


def repository_path(settings: Settings, service: str) -> str:
    """The path of the repository that a service's image is in."""
    values = {"image": image_of(service, settings.services[service]), "stack": settings.stack}
    path = render_repository(settings.registry.repository, values)
    return f"{settings.registry.alias}/{path}" if settings.registry.alias else path


def _template(settings: Settings, name: str, images: Images) -> pulumi.Output[str]:
    """host/path of this stack's repositories, with {image} for the name; `name`: of a service."""
    own = repository_path(settings, name)
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


def store_bundle(settings: Settings, store: BundleStore, files: Mapping[str, str]) -> StoredBundle:
    """Registers the bundle of these files."""
    version = settings.version or fingerprint(files)[:12]
    data = bundle(files, version)
    sha256 = hashlib.sha256(data).hexdigest()
    key = store.put("bundle", bundle_key(settings.stack, version), data, sha256)
    return StoredBundle(bucket=store.bucket, key=key, sha256=sha256, version=version)


def needs_login(settings: Settings) -> bool:
    """Whether machines pull from a registry that asks who they are."""
    return settings.registry.kind == "ecr"
