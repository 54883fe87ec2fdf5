"""What hangs on an image without being part of it: referrers, and cosign's tags."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

from clients.registry import MOST_BYTES, Manifest, Registry
from clients.registry_answers import next_page
from clients.registry_http import RegistryError
from clients.registry_manifests import OCI_INDEX, Descriptor, contents

_SUFFIXES = (".sig", ".att", ".sbom")  # cosign's, before it used referrers
_NO_SUCH_API = (400, 404, 405, 501)
_MOST_PAGES = 20


@dataclass(frozen=True, kw_only=True)
class Attached:
    """What hangs on one manifest."""

    subject: str
    """The digest of that manifest."""
    referrers: tuple[Descriptor, ...] = ()
    """Manifests that name it as their subject."""
    fallback: Manifest | None = None
    """The index of them under the tag sha256-<hex>, in a registry without a list of its own."""
    tags: tuple[tuple[str, Manifest], ...] = ()
    """Cosign's: tag, and what it names."""

    @property
    def digests(self) -> set[str]:
        """Of the referrers."""
        return {each.digest for each in self.referrers}


def ask_attached(
    registry: Registry, digest: str, pool: Executor, *, cosign: bool
) -> Callable[[], Attached]:
    """Ask at once for all that hangs on a manifest; what is given back waits for the answers.

    https://github.com/opencontainers/distribution-spec/blob/main/spec.md#listing-referrers
    Cosign's tags are three more requests.
    """
    listed = pool.submit(_listed, registry, digest)
    names = [fallback_tag(digest) + suffix for suffix in (_SUFFIXES if cosign else ())]
    signed = [(name, pool.submit(registry.find, name)) for name in names]

    def answer() -> Attached:
        referrers, fallback = listed.result()
        found = [(name, asked.result()) for name, asked in signed]
        tags = tuple((name, manifest) for name, manifest in found if manifest)
        return Attached(subject=digest, referrers=referrers, fallback=fallback, tags=tags)

    return answer


def fallback_tag(digest: str) -> str:
    """The tag that stands for a list of referrers: sha256-<hex>."""
    return digest.replace(":", "-")


def give_attached(target: Registry, hanging: Attached, *, listed: bool) -> list[str]:
    """Give the target the tags under which the attached manifests, already there, are found.

    `listed`: the target keeps a list of referrers by itself, and needs no tag for it. What hangs
    there already stays; the tags of cosign that do are given back.
    """
    tag = fallback_tag(hanging.subject)
    if hanging.referrers and not listed:
        held = target.find(tag)
        wanted = _merged(held, hanging, f"{target.repository}:{tag}")
        if wanted is not None:
            target.put(wanted, tag)
    kept = []
    for tag, manifest in hanging.tags:
        found = target.head(tag)
        if found is None:
            target.put(manifest, tag)
        elif found != manifest.digest:
            kept.append(tag)
    return kept


def _listed(registry: Registry, digest: str) -> tuple[tuple[Descriptor, ...], Manifest | None]:
    """The referrers, and the index under the fallback tag if the registry keeps no list."""
    listed = _referrers(registry, digest)
    if listed is not None:
        return listed, None
    fallback = registry.find(fallback_tag(digest))
    where = f"{registry.repository}:{fallback_tag(digest)}"
    return (contents(fallback, where).children if fallback else ()), fallback


def _referrers(registry: Registry, digest: str) -> tuple[Descriptor, ...] | None:
    """The registry's own list, or None if it keeps none."""
    path = f"/v2/{registry.path}/referrers/{digest}"
    found: list[Descriptor] = []
    where = f"{registry.repository}: the list of referrers of {digest}"
    for _ in range(_MOST_PAGES):
        try:
            answer = registry.http.send("GET", path, registry.path, headers={"Accept": OCI_INDEX})
        except RegistryError as error:
            if error.status in _NO_SUCH_API:
                return None
            raise
        if answer.status_code == 404:
            return None
        if len(answer.content) > MOST_BYTES:
            raise RegistryError(f"{where} is larger than {MOST_BYTES >> 20} MiB")
        page = Manifest(answer.content, OCI_INDEX, "")
        found += contents(page, where).children
        following = next_page(answer, path)
        if following is None:
            return tuple(found)
        path = following
    raise RegistryError(f"{where} has more than {_MOST_PAGES} pages; it is not copied")


def _merged(held: Manifest | None, hanging: Attached, where: str) -> Manifest | None:
    """The list with both, or None if it is there already."""
    if held is None and hanging.fallback is not None:
        return hanging.fallback
    there = contents(held, where).children if held else ()
    missing = hanging.digests - {each.digest for each in there}
    if not missing:
        return None
    more = [each for each in hanging.referrers if each.digest in missing]
    return _index([*there, *more])


def _index(entries: Iterable[Descriptor]) -> Manifest:
    document: dict[str, Any] = {
        "schemaVersion": 2,
        "mediaType": OCI_INDEX,
        "manifests": [dict(each.document) for each in entries],
    }
    body = json.dumps(document).encode()
    return Manifest(body, OCI_INDEX, "sha256:" + hashlib.sha256(body).hexdigest())
