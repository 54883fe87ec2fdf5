"""Which images a release lacks, asked from the registries before anything is done."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from clients.registry import Registry
from clients.registry_auth import Keychain
from clients.registry_http import RegistryHttp
from clients.registry_names import split_repository
from clients.repositories import Repositories
from infra.access import access_of
from infra.look import Look
from infra.settings import Settings
from release.names import render_repository
from release.record import Record

_AT_ONCE = 16


def missing_images(
    settings: Settings, seen: Look, origins: Mapping[str, str], record: Record | None
) -> tuple[str, ...]:
    """The images of which neither the release nor the content that it is made of is there.

    Asks registries, a few at a time. Raises RegistryError or AwsError.
    """
    access = access_of(settings)
    keychain = Keychain(access)
    own = Repositories(
        access=access, kind=settings.registry.kind, alias=settings.registry.alias
    ).place
    hosts: dict[str, RegistryHttp] = {}

    def registry(repository: str) -> Registry:
        host, _ = split_repository(repository)
        http = hosts.setdefault(host, RegistryHttp(host, keychain))
        return Registry(repository, keychain, http)

    def is_missing(image: str) -> bool:
        planned = seen.images[image]
        values = {"image": image, "stack": settings.stack}
        path = render_repository(settings.registry.repository, values)
        here = registry(f"{own}/{path}")
        if planned.release_names and here.head(planned.release_names[0]) is not None:
            return False
        if record is None and settings.release.source == "required":
            return True
        if record is not None and image not in record.images:
            return True
        wanted = record.images[image].digest if record else f"src-{planned.key}"
        there = registry(origins[image]) if image in origins else here
        return there.head(wanted) is None

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        found = list(pool.map(is_missing, seen.images))
    return tuple(image for image, missing in zip(seen.images, found, strict=True) if missing)
