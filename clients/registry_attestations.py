"""Which attestations BuildKit has put beside an image."""

from __future__ import annotations

import json
from typing import Any

from clients.registry import Registry
from clients.registry_manifests import contents

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
            document = json.loads(registry.get(child.digest).body)
            found.update(_kind(layer) for layer in document.get("layers") or ())
    return tuple(sorted(found - {""}))


def _kind(layer: Any) -> str:
    predicate = str((layer.get("annotations") or {}).get(_PREDICATE, ""))
    return next((kind for start, kind in _KINDS.items() if predicate.startswith(start)), predicate)
