"""An image from one repository into another, unchanged: nothing is built, the digest stays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from clients.registry import Manifest, Registry
from clients.registry_attached import Attached, give_attached
from clients.registry_blobs import copy_blob, same_host
from clients.registry_closure import Closure, read_closure
from clients.registry_http import Tally
from clients.registry_manifests import Descriptor
from clients.registry_tags import Guard, check_names, missing_movable, name_manifest

THREADS = 8


@dataclass(frozen=True, kw_only=True)
class Copied:
    """What a copy took."""

    digest: str
    """The same in both repositories."""
    requests: int
    """To both registries, logins and redirects among them."""
    mounted: int = 0
    """Blobs that the registry put into the target by itself."""
    copied: int = 0
    """Blobs that went through this machine."""
    copied_bytes: int = 0
    """Their bytes."""


@dataclass(frozen=True, kw_only=True)
class Promoted:
    """What a promotion took."""

    copied: Copied
    """Its requests are all that were sent, those for the names too."""
    written: tuple[str, ...]
    """The names that the image did not have before."""


def _quiet(line: str) -> None:
    del line


def copy_image(
    source: Registry, target: Registry, digest: str, progress: Callable[[str], None] = _quiet
) -> Copied:
    """Bring an image into `target` with all its platforms and all that is attached to it.

    Blobs go first and the image last, so that what broke off is not there and can be run again.
    Raises RegistryError.
    """
    tally = Tally()
    if source.repository == target.repository:
        return Copied(digest=digest, requests=0)
    counted = source.counted(tally), target.counted(tally)

    def publish(top: Manifest, there: bool) -> None:
        if not there:
            counted[1].put(top, top.digest)

    return _copy(*counted, digest, progress, publish)


def promote_image(
    source: Registry,
    target: Registry,
    digest: str,
    names: Iterable[str],
    movable: Iterable[str] = (),
    *,
    guarded: Guard | None = None,
    progress: Callable[[str], None] = _quiet,
) -> Promoted:
    """Give `digest` of `source` all of `names` in `target`, and move `movable` to it there.

    In one repository: a HEAD for each name, one GET, and a PUT for each that is free. Into
    another: the same with `copy_image` in the place of the GET. All names are looked up before
    anything is written. Raises NameTakenError, RegistryError.
    """
    tally = Tally()
    here, there = source.counted(tally), target.counted(tally)
    missing = check_names(there, digest, names)
    moving = missing_movable(there, digest, movable)
    copied = Copied(digest=digest, requests=0)

    def publish(top: Manifest, is_there: bool) -> None:
        del is_there
        for name in missing:
            name_manifest(there, top, name, guarded)
        for name in moving:
            there.put(top, name)  # that somebody else moves it at the same time is no harm

    if (missing or moving) and source.repository == target.repository:
        publish(there.get(digest), True)
    elif missing or moving:
        copied = _copy(here, there, digest, progress, publish)
    counted = Copied(
        digest=digest,
        requests=tally.requests,
        mounted=copied.mounted,
        copied=copied.copied,
        copied_bytes=copied.copied_bytes,
    )
    return Promoted(copied=counted, written=(*missing, *moving))


def _copy(
    source: Registry,
    target: Registry,
    digest: str,
    progress: Callable[[str], None],
    publish: Callable[[Manifest, bool], None],
) -> Copied:
    """Copy all parts, then `publish(top, whether it was there already)`."""
    pool = ThreadPoolExecutor(THREADS)
    try:
        held = pool.submit(target.head, digest)
        closure = read_closure(source, digest, pool, lambda: held.result() is not None)
        if closure.foreign:
            progress(f"{len(closure.foreign)} layers lie elsewhere and are not copied")
        done = _copy_blobs(source, target, closure, pool, progress)
        listed = _put_manifests(target, closure, pool)
    finally:
        pool.shutdown(cancel_futures=True)
    late = [each for each in closure.hanging if closure.top.digest in each.digests]
    for hanging in closure.hanging:
        if hanging not in late:
            _give_tags(target, hanging, listed, progress)
    publish(closure.top, held.result() is not None)
    for hanging in late:  # a registry takes no list of what it has not got
        _give_tags(target, hanging, listed, progress)
    counts = Counter(how for _, how in done)
    return Copied(
        digest=digest,
        requests=target.http.tally.requests,
        mounted=counts["mounted"],
        copied=counts["copied"],
        copied_bytes=sum(blob.size for blob, how in done if how == "copied"),
    )


def _copy_blobs(
    source: Registry,
    target: Registry,
    closure: Closure,
    pool: ThreadPoolExecutor,
    progress: Callable[[str], None],
) -> list[tuple[Descriptor, str]]:
    way = "mounting" if same_host(source, target) else "copying"
    blobs = list(closure.blobs.values())
    if blobs:
        progress(f"{way} {len(blobs)} blobs from {source.repository} into {target.repository}")

    def bring(blob: Descriptor) -> tuple[Descriptor, str]:
        how = copy_blob(source, target, blob)
        if how == "copied":
            progress(f"copied {blob.digest[:19]}, {blob.size:,} bytes")
        return blob, how

    return list(pool.map(bring, blobs))


def _put_manifests(target: Registry, closure: Closure, pool: ThreadPoolExecutor) -> set[str | None]:
    """Put everything but the top, children first; the subjects whose referrers it keeps itself."""
    listed: set[str | None] = set()
    for ready in closure.rounds(f"{target.repository}@{closure.top.digest}"):
        listed |= set(pool.map(lambda each: target.put(each, each.digest), ready))
    return listed


def _give_tags(
    target: Registry, hanging: Attached, listed: set[str | None], progress: Callable[[str], None]
) -> None:
    for tag in give_attached(target, hanging, listed=hanging.subject in listed):
        progress(f"{target.repository}:{tag} names other signatures and stays as it is")
