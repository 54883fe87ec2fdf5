"""The plan of an update: which images there are, under which key, with which names, and why."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from release.catalogue import ImageSource
from release.content_key import content_key
from release.names import FIELDS, fields_of, is_build_name, mark_dirty, sort_names


@dataclass(frozen=True, kw_only=True)
class Tree:
    """What git says of the work tree, at one moment."""

    commit: str
    """The commit that is checked out, 40 hex digits."""
    tree: str
    """The id of the tree as it lies on disk, uncommitted changes included."""
    ids: Mapping[str, str]
    """The git object id of every file and folder of that tree."""
    uncommitted: frozenset[str] = frozenset()
    """Files that differ from the commit."""
    changed: frozenset[str] | None = None
    """Files that differ from the main branch; None if there is nothing to compare with."""


@dataclass(frozen=True, kw_only=True)
class Naming:
    """How this stack names images."""

    templates: tuple[str, ...]
    """The name templates of the stack file."""
    stack: str
    """The stack's name."""
    version: str | None
    """The version of this update."""
    by_registry: bool = False
    """Whether each image gets a version of its own, counted up from those it has."""


@dataclass(frozen=True, kw_only=True)
class PlannedImage:
    """One image of the plan."""

    source: ImageSource
    key: str
    args: Mapping[str, str]
    platforms: tuple[str, ...]
    attest: bool
    """Whether it is an index with BuildKit's provenance."""
    sbom: str | None = None
    """The scanner whose SBOM is attached too."""
    build_names: tuple[str, ...]
    release_names: tuple[str, ...]
    movable_names: tuple[str, ...]
    version_names: tuple[str, ...]
    """Templates of the names that wait for a version from the registry."""
    sha_names: tuple[str, ...]
    """Templates of the names that hold a commit, beside those."""
    dirty: tuple[str, ...]
    """Its uncommitted files."""
    changed: tuple[str, ...]
    """Its files that differ from the main branch: what a person reads, not the mechanism."""


def plan_images(
    images: Mapping[str, ImageSource],
    tree: Tree,
    naming: Naming,
    *,
    args: Mapping[str, str],
    platforms: Iterable[str] = (),
    attest: bool | None = None,
    sbom: str | None = None,
    single: Collection[str] = (),
) -> dict[str, PlannedImage]:
    """Plans every image. `args`, `platforms` and `attest` are the stack's; image.yaml overrides.

    What nobody decides gets provenance, but for the images in `single`, which have to be single
    manifests. `sbom` is the scanner for those that have provenance.

    Raises `ValueError` if a name template gives what a registry would not take.
    """
    dirty, changed = owned(images, tree.uncommitted), owned(images, tree.changed or ())
    planned = {}
    for name, source in images.items():
        in_force = {**args, **dict(source.args)}
        wanted = source.platforms or tuple(platforms)
        attested = _attested(source.attest, attest, name not in single)
        scanner = sbom if attested else None
        key = content_key(
            source, tree.ids, args=in_force, platforms=wanted, attest=attested, sbom=scanner
        )
        build, release, movable = _names(naming, name, tree.commit, key, bool(dirty[name]))
        planned[name] = PlannedImage(
            source=source,
            key=key,
            args=in_force,
            platforms=wanted,
            attest=attested,
            sbom=scanner,
            build_names=build,
            release_names=release,
            movable_names=movable,
            version_names=() if dirty[name] else _waiting(naming, name, "version"),
            sha_names=_waiting(naming, name, "sha"),
            dirty=dirty[name],
            changed=changed[name],
        )
    return planned


def _attested(*wishes: bool | None) -> bool:
    """The first of these that decides."""
    return next(each for each in wishes if each is not None)


def owned(images: Mapping[str, ImageSource], files: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """For each image the files among these that are its inputs, sorted."""
    tops: dict[str, list[str]] = {}
    for name, source in images.items():
        for path in source.paths:
            tops.setdefault(path, []).append(name)
    found: dict[str, set[str]] = {name: set() for name in images}
    for file in files:
        for top in _above(file):
            for name in tops.get(top, ()):
                found[name].add(file)
    return {name: tuple(sorted(map(_shown, paths))) for name, paths in found.items()}


def _shown(path: str) -> str:
    """A path as text: bytes that are no UTF-8 as \\udcff, which git's reader makes of them."""
    return path.encode(errors="surrogateescape").decode(errors="backslashreplace")


def _above(file: str) -> list[str]:
    parts = file.split("/")
    return [".", *("/".join(parts[:end]) for end in range(1, len(parts) + 1))]


def _names(
    naming: Naming, image: str, commit: str, key: str, dirty: bool
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    told = any("image" in fields_of(each) for each in naming.templates)
    build, release, movable = _rendered(naming, image if told else "", commit)
    if dirty:
        build = tuple(mark_dirty(name, key) for name in build)
    return build, release, movable


@lru_cache(maxsize=4)
def _rendered(
    naming: Naming, image: str, commit: str
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """The same for all images, unless a name tells the image."""
    values = {
        "sha": commit,
        "short_sha": commit[:7],
        "version": naming.version or "",
        "image": image,
        "stack": naming.stack,
    }
    templates = [each for each in naming.templates if naming.version or "{version}" not in each]
    build, release, movable = sort_names(templates, values)
    return tuple(build), tuple(release), tuple(movable)


def _waiting(naming: Naming, image: str, field: str) -> tuple[str, ...]:
    """The templates with {version}, or those with a commit alone, all else filled in."""
    if not naming.by_registry:
        return ()
    left = {name: f"{{{name}}}" for name in FIELDS}
    known = {**left, "image": image, "stack": naming.stack}
    has_version = [each for each in naming.templates if "version" in fields_of(each)]
    chosen = (
        has_version
        if field == "version"
        else [each for each in naming.templates if is_build_name(each) and each not in has_version]
    )
    return tuple(each.format_map(known) for each in chosen)
