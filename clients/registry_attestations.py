"""Which attestations BuildKit has put beside an image."""

from __future__ import annotations

from typing import Any

from clients.registry import Registry
from clients.registry_answers import listed, object_of
from clients.registry_manifests import contents
from release.record_text import plain

# https://docs.docker.com/build/metadata/attestations/attestation-storage/
_PREDICATE = "in-toto.io/predicate-type"
_KINDS = {"https://slsa.dev/provenance/": "provenance", "https://spdx.dev/": "sbom"}


def attestations_of(registry: Registry, digest: str) -> tuple[str, ...]:
    """`provenance`, `sbom`, or the predicate type of something else, sorted; empty for none.

    Reads the index and its attestation manifests. Raises RegistryError.
    """
    found: set[str] = set()
    children = contents(registry.get(digest), f"{registry.repository}@{digest}").children
    for child in children:
        if child.is_attestation:
            where = f"{registry.repository}@{child.digest}"
            document = object_of(registry.get(child.digest).body, where)
            found.update(_kind(layer) for layer in listed(document, "layers", dict))
    return tuple(sorted(found - {""}))


def _kind(layer: dict[str, Any]) -> str:
    annotations = layer.get("annotations")
    said = annotations.get(_PREDICATE, "") if isinstance(annotations, dict) else ""
    predicate = plain(str(said), 200)
    return next((kind for start, kind in _KINDS.items() if predicate.startswith(start)), predicate)
