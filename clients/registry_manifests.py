"""What a manifest or index consists of, by the shape of its document; hostile ones are refused.

https://github.com/opencontainers/image-spec/blob/main/descriptor.md
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from clients.registry import Manifest
from clients.registry_http import RegistryError
from clients.registry_names import is_digest

OCI_INDEX = "application/vnd.oci.image.index.v1+json"
_BLOBS = ("config", "layers", "blobs")
_KNOWN = frozenset({*_BLOBS, "manifests", "subject"})
_FOREIGN = ("foreign", "nondistributable")
# BuildKit's registry cache lists layers where an index has manifests.
_BLOB_TYPES = (".layer.", ".rootfs.", "buildkit.cacheconfig")
# BuildKit's attestations hang on an image of the same index and have no attachments of their own.
_ATTESTATION = "vnd.docker.reference.digest"


@dataclass(frozen=True, kw_only=True)
class Descriptor:
    """A manifest or blob as another manifest names it."""

    digest: str
    """sha256: and 64 hexadecimal digits."""
    size: int
    """Bytes."""
    media_type: str
    """May be empty."""
    foreign: bool
    """Whether it lies somewhere else and is not meant to be copied."""
    document: Mapping[str, Any] = field(compare=False, repr=False)
    """All of it."""

    @property
    def is_attestation(self) -> bool:
        """Whether this is BuildKit's provenance or SBOM of another manifest of the same index."""
        annotations = self.document.get("annotations")
        return isinstance(annotations, dict) and _ATTESTATION in annotations


@dataclass(frozen=True, kw_only=True)
class Contents:
    """What a manifest names."""

    children: tuple[Descriptor, ...] = ()
    """Manifests and indexes."""
    blobs: tuple[Descriptor, ...] = ()
    """Configuration and layers."""
    subject: Descriptor | None = None
    """The manifest that this one is attached to."""


def contents(manifest: Manifest, where: str) -> Contents:
    """What the manifest names, each with its digest checked for its form.

    `where` is how messages call it. Raises RegistryError for what is no manifest, and for one
    whose parts are not all understood: a copy without them would not be the same image.
    """
    document = _document(manifest, where)
    children: list[Descriptor] = []
    blobs: list[Descriptor] = []
    for key in _BLOBS:
        blobs += _descriptors(document, key, where)
    for each in _descriptors(document, "manifests", where):
        is_blob = any(word in each.media_type for word in _BLOB_TYPES)
        (blobs if is_blob else children).append(each)
    subject = document.get("subject")
    return Contents(
        children=tuple(children),
        blobs=tuple(blobs),
        subject=None if subject is None else descriptor(subject, "subject", where),
    )


def descriptor(document: Any, key: str, where: str) -> Descriptor:
    """One descriptor. Raises RegistryError if it is none."""
    if not isinstance(document, dict):
        raise _refused(where, f"its {key} has {_short(document)} where a descriptor belongs")
    digest, size = document.get("digest"), document.get("size")
    if not isinstance(digest, str) or not is_digest(digest):
        raise _refused(where, f"its {key} names {_short(digest)}; allowed: sha256:<64 hex digits>")
    if not isinstance(size, int) or isinstance(size, bool) or size < 0:
        raise _refused(where, f"its {key} gives {digest} the size {_short(size)}; allowed: bytes")
    media_type = str(document.get("mediaType") or "")
    foreign = bool(document.get("urls")) or any(word in media_type for word in _FOREIGN)
    return Descriptor(
        digest=digest, size=size, media_type=media_type, foreign=foreign, document=document
    )


def _document(manifest: Manifest, where: str) -> dict[str, Any]:
    try:
        document = json.loads(manifest.body)
    except (ValueError, RecursionError) as error:
        raise _refused(where, f"it is not JSON ({type(error).__name__})") from None
    kind = manifest.media_type or "no media type"
    if not isinstance(document, dict) or not _KNOWN & document.keys():
        raise _refused(
            where,
            f"nobody here knows how to copy {kind}; allowed: OCI and Docker (schema 2) manifests "
            "and indexes, and what has the same form",
        )
    for key, value in document.items():
        entries = value if isinstance(value, list) else [value]
        if key not in _KNOWN and any(_is_like_a_descriptor(entry) for entry in entries):
            raise _refused(where, f"{kind} names content under {key[:60]!r}, which is not known")
    return document


def _descriptors(document: dict[str, Any], key: str, where: str) -> list[Descriptor]:
    value = document.get(key)
    if value is None:
        return []
    entries = [value] if key == "config" else value
    if not isinstance(entries, list):
        raise _refused(where, f"its {key} has {_short(value)} where a list belongs")
    return [descriptor(entry, key, where) for entry in entries]


def _is_like_a_descriptor(value: Any) -> bool:
    return isinstance(value, dict) and {"digest", "size"} <= value.keys()


def _short(value: Any) -> str:
    return repr(value)[:80]


def _refused(where: str, why: str) -> RegistryError:
    return RegistryError(f"{where} cannot be copied: {why}", "MANIFEST_INVALID")
