"""Which images a release lacks, asked from the registries before anything is done."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

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


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What registries have of a release."""

    missing: tuple[str, ...]
    """Images of which neither the release nor the content that it is made of is there."""
    new: Mapping[str, str]
    """Digest of each image that gets the release's name by this update."""


def ask_registries(
    settings: Settings, seen: Look, origins: Mapping[str, str], record: Record | None
) -> Asked:
    """What there is of each image, asked a few at a time. Raises RegistryError or AwsError."""
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

    def digest_of(image: str) -> str | None:
        """Of what is to be promoted; empty where the release is there, None where nothing is."""
        planned = seen.images[image]
        values = {"image": image, "stack": settings.stack}
        path = render_repository(settings.registry.repository, values)
        here = registry(f"{own}/{path}")
        if planned.release_names and here.head(planned.release_names[0]) is not None:
            return ""
        if record is None and settings.release.source == "required":
            return None
        if record is not None and image not in record.images:
            return None
        wanted = record.images[image].digest if record else f"src-{planned.key}"
        there = registry(origins[image]) if image in origins else here
        return there.head(wanted)

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        found = dict(zip(seen.images, pool.map(digest_of, seen.images), strict=True))
    return Asked(
        missing=tuple(image for image, digest in found.items() if digest is None),
        new={image: digest for image, digest in found.items() if digest},
    )
