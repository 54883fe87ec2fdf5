"""Whether an image is whole in its repository: each manifest and layer, and for which platforms."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from concurrent.futures import Executor
from dataclasses import dataclass

from clients.registry import Manifest, Registry
from clients.registry_answers import object_of
from clients.registry_blobs import has_blob
from clients.registry_http import RegistryError
from clients.registry_manifests import Contents, Descriptor, contents
from release.record_text import plain

_MOST_CONFIG = 4 << 20  # bytes
_MOST_CHILDREN = 200


@dataclass(frozen=True, kw_only=True)
class ImageProof:
    """What was found of an image."""

    missing: tuple[str, ...]
    """What is not there, a sentence each; empty if the image is whole."""
    platforms: tuple[str, ...] = ()
    """What it runs on, such as linux/amd64."""
    manifests: int = 0
    """How many manifests there are, an index among them."""
    blobs: int = 0
    """How many configurations and layers there are."""
    index: bool = False
    """Whether it is an index."""


def prove_image(registry: Registry, digest: str, pool: Executor) -> ImageProof:
    """Look for all of an image by reading manifests and by one HEAD a blob.

    `pool` runs the HEADs. Raises RegistryError where the registry can't be asked.
    """
    top = registry.find(digest)
    if top is None:
        return ImageProof(missing=(f"the manifest {digest}",))
    where = f"{registry.repository}@{digest}"
    parts = contents(top, where)
    children = list(_children(registry, parts, where))
    missing = [f"the manifest {each.digest}" for each, found in children if found is None]
    read = [(top, parts), *((found, contents(found, where)) for _, found in children if found)]
    blobs = {blob.digest: blob for _, each in read for blob in each.blobs if not blob.foreign}
    there = pool.map(lambda blob: has_blob(registry, blob), blobs.values())
    lost = [blob for blob, found in zip(blobs.values(), there, strict=True) if not found]
    return ImageProof(
        missing=(*missing, *(f"the layer {each.digest}" for each in lost)),
        platforms=_platforms(registry, parts, [each.digest for each in lost]),
        manifests=len(read),
        blobs=len(blobs) - len(lost),
        index=bool(parts.children),
    )


def platforms_of(registry: Registry, digest: str) -> tuple[str, ...]:
    """What an image runs on, such as linux/amd64; empty if it does not say. One or two requests.

    Raises RegistryError where the registry can't be asked.
    """
    parts = contents(registry.get(digest), f"{registry.repository}@{digest}")
    return _platforms(registry, parts, [])


def configurations_of(registry: Registry, digest: str) -> frozenset[str]:
    """The digests of an image's configurations, one for each platform: what it consists of,
    whatever manifest or index it is reached by. One request for each manifest.

    Raises RegistryError where the registry can't be asked.
    """
    where = f"{registry.repository}@{digest}"
    parts = contents(registry.get(digest), where)
    children = _children(registry, parts, where)
    manifests = [found for child, found in children if found and not child.is_attestation]
    each = [contents(found, where) for found in manifests] if manifests else [parts]
    return frozenset(one.blobs[0].digest for one in each if one.blobs)


def _children(
    registry: Registry, parts: Contents, where: str
) -> Iterator[tuple[Descriptor, Manifest | None]]:
    if len(parts.children) > _MOST_CHILDREN:
        raise RegistryError(f"{where} names {len(parts.children)} manifests; it is no image")
    for child in parts.children:
        yield child, registry.find(child.digest)


def _platforms(registry: Registry, parts: Contents, lost: list[str]) -> tuple[str, ...]:
    """Those that an index names; of a single manifest, what its configuration says."""
    named = [
        each.document.get("platform") or {} for each in parts.children if not each.is_attestation
    ]
    if not parts.children and parts.blobs and parts.blobs[0].digest not in lost:
        named = [object_of(_config(registry, parts.blobs[0]), registry.repository)]
    found = {
        plain(f"{each.get('os')}/{each.get('architecture')}", 60)
        for each in named
        if isinstance(each, dict) and each.get("architecture")
    }
    return tuple(sorted(found))


def _config(registry: Registry, blob: Descriptor) -> bytes:
    if blob.size > _MOST_CONFIG:
        raise RegistryError(f"{registry.repository}: its configuration has {blob.size} bytes")
    path = f"/v2/{registry.path}/blobs/{blob.digest}"
    data = registry.http.send("GET", path, registry.path).content
    found = "sha256:" + hashlib.sha256(data).hexdigest()
    if found != blob.digest:
        raise RegistryError(
            f"{registry.repository}: its configuration should be {blob.digest} and is {found}",
            "DIGEST_INVALID",
        )
    return data
