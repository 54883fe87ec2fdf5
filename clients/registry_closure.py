"""All that belongs to an image in its repository: children, blobs and what hangs on it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter

from clients.registry import Manifest, Registry
from clients.registry_attached import Attached, ask_attached
from clients.registry_http import RegistryError
from clients.registry_manifests import Contents, Descriptor, contents

MOST_DEPTH = 4
MOST_DESCRIPTORS = 1000


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """A manifest that is to be read."""

    digest: str
    size: int | None
    listed: bool
    """Whether what refers to it is looked for."""
    image: bool
    """Whether cosign may have given it tags."""


@dataclass(kw_only=True)
class Closure:
    """What an image consists of, filled while it is read."""

    top: Manifest
    manifests: dict[str, Manifest] = field(default_factory=dict)
    """By digest, `top` among them."""
    needs: dict[str, set[str]] = field(default_factory=dict)
    """For each manifest those that must be there before it."""
    blobs: dict[str, Descriptor] = field(default_factory=dict)
    """By digest."""
    hanging: list[Attached] = field(default_factory=list)
    """What hangs on its manifests."""
    foreign: set[str] = field(default_factory=set)
    """Digests of layers that lie elsewhere and stay there."""

    def rounds(self, where: str) -> Iterator[tuple[Manifest, ...]]:
        """All but the top, those that others need first. Raises RegistryError for a circle."""
        others = {name: needed for name, needed in self.needs.items() if name != self.top.digest}
        sorter = TopologicalSorter(others)
        try:
            if any(self.top.digest in needed for needed in others.values()):
                raise CycleError
            sorter.prepare()
        except CycleError:
            raise RegistryError(
                f"{where} cannot be copied: its manifests need each other", "MANIFEST_INVALID"
            ) from None
        while sorter.is_active():
            ready = sorter.get_ready()
            yield tuple(self.manifests[name] for name in ready if name in others)
            sorter.done(*ready)


def read_closure(
    source: Registry, digest: str, pool: Executor, is_there: Callable[[], bool]
) -> Closure:
    """Read the manifests of an image, each once, and with them what hangs on them.

    Where `is_there()`, asked late, says that the target has the image, its own parts are left
    out. Raises RegistryError for more than 4 levels or 1,000 descriptors, or where sizes don't
    agree.
    """
    where = f"{source.repository}@{digest}"
    asked = [_Asked(digest=digest, size=None, listed=True, image=True)]
    seen = {digest}
    closure: Closure | None = None
    for _ in range(MOST_DEPTH + 1):
        reads = [(pool.submit(_read, source, one), _ask(source, one, pool)) for one in asked]
        asked = []
        for read, hanging in reads:
            manifest = read.result()
            bare = closure is None and is_there()
            closure = closure or Closure(top=manifest)
            parts = Contents() if bare else contents(manifest, where)
            asked += _add(closure, manifest, parts, hanging(), seen)
            _count(closure, seen, where)
        if closure and not asked:
            return closure
    raise RegistryError(
        f"{where} cannot be copied: it is nested more than {MOST_DEPTH} levels deep",
        "MANIFEST_INVALID",
    )


def _read(source: Registry, asked: _Asked) -> Manifest:
    manifest = source.get(asked.digest)
    if asked.size not in (None, len(manifest.body)):
        raise RegistryError(
            f"{source.repository}@{asked.digest} has {len(manifest.body)} bytes, but what names it "
            f"says {asked.size}; the image is damaged or forged",
            "SIZE_INVALID",
        )
    return manifest


def _ask(source: Registry, asked: _Asked, pool: Executor) -> Callable[[], Attached | None]:
    if not asked.listed:
        return lambda: None
    return ask_attached(source, asked.digest, pool, cosign=asked.image)


def _add(
    closure: Closure,
    manifest: Manifest,
    parts: Contents,
    hanging: Attached | None,
    seen: set[str],
) -> list[_Asked]:
    """Take a manifest in; what is to be read next."""
    closure.manifests[manifest.digest] = manifest
    subject = parts.subject if parts.subject and parts.subject.digest not in seen else None
    needed = [*parts.children, *([subject] if subject else [])]
    closure.needs[manifest.digest] = {each.digest for each in needed}
    for blob in parts.blobs:
        _add_blob(closure, blob)
    asked = []
    for each in _new(needed, seen):
        listed = not each.is_attestation and each is not subject
        asked.append(_Asked(digest=each.digest, size=each.size, listed=listed, image=listed))
    if hanging is not None and (hanging.referrers or hanging.tags):
        closure.hanging.append(hanging)
        asked += [
            _Asked(digest=each.digest, size=each.size, listed=True, image=False)
            for each in _new(hanging.referrers, seen)
        ]
        for _, signed in hanging.tags:
            if signed.digest not in seen:
                seen.add(signed.digest)
                asked.append(_Asked(digest=signed.digest, size=None, listed=False, image=False))
    return asked


def _new(descriptors: Iterable[Descriptor], seen: set[str]) -> Iterator[Descriptor]:
    for each in descriptors:
        if each.digest not in seen:
            seen.add(each.digest)
            yield each


def _add_blob(closure: Closure, blob: Descriptor) -> None:
    if blob.foreign:
        closure.foreign.add(blob.digest)
        return
    known = closure.blobs.setdefault(blob.digest, blob)
    if known.size != blob.size:
        raise RegistryError(
            f"blob {blob.digest} has {known.size} bytes in one manifest and {blob.size} in "
            "another; the image is damaged or forged",
            "SIZE_INVALID",
        )


def _count(closure: Closure, seen: set[str], where: str) -> None:
    count = len(seen) + len(closure.blobs) + len(closure.foreign)
    if count > MOST_DESCRIPTORS:
        raise RegistryError(
            f"{where} cannot be copied: it names {count} manifests and blobs; allowed: "
            f"{MOST_DESCRIPTORS}",
            "MANIFEST_INVALID",
        )
