"""What the repositories of a stack keep: found out from its names, its neighbours, its records."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from clients.record_reader import RecordReader
from clients.registry_names import split_repository
from components.documents.lifecycle import Retention
from infra.access import access_of
from infra.look import Look
from infra.neighbours import Neighbours, path_of
from infra.promotion import Promotion
from infra.settings import Settings
from release.record import Record
from release.retention import names_of, release_patterns, strangers, ways_back

_MOST_RECORDS = 200


def keeps_by_records(settings: Settings) -> bool:
    """Whether what stays is told by the stack's records, which are read then."""
    builds = settings.release.images == "build"
    return _owns_repositories(settings) and bool(settings.registry.keep_days) and builds


def _owns_repositories(settings: Settings) -> bool:
    return settings.registry.kind == "ecr" and settings.registry.create


def retentions_of(
    settings: Settings, seen: Look, promotion: Promotion, neighbours: Neighbours
) -> dict[str, Retention]:
    """What stays in each image's repository; empty where this stack doesn't own them.

    The owner alone writes the policy, and it writes it when it is itself updated. So what another
    stack names must be kept by a pattern; where another stack builds, nothing that has a name goes.
    """
    if not _owns_repositories(settings):
        return {}
    patterns = {name: _patterns(settings, neighbours, name) for name in seen.images}
    held = {name: _neighbour_builds(settings, neighbours, name) for name in seen.images}
    names: dict[str, dict[str, str]] = {name: {} for name in seen.images}
    if keeps_by_records(settings):
        reader = RecordReader(access_of(settings), settings.bundles.bucket)
        damaged: list[str] = []
        planned = _planned(seen, promotion)
        records = reader.walk(settings.stack, _MOST_RECORDS, damaged.append)
        back = ways_back(planned, records, settings.registry.keep_images)
        for name, image in seen.images.items():
            if not image.release_names:
                names[name][f"src-{planned[name]}"] = f"runs in {settings.stack}"
            here = partial(_is_here, path_of(settings, name))
            for one, why in names_of(name, back, here, patterns[name]).items():
                names[name].setdefault(one, why)
        if damaged:
            held = {
                name: why or f"a record is damaged ({damaged[0]})" for name, why in held.items()
            }
        held |= _strangers(settings, seen, neighbours, reader, patterns)
    return {
        name: Retention(
            patterns=patterns[name],
            names=names[name],
            days=settings.registry.keep_days,
            held=held[name],
        )
        for name in seen.images
    }


def _planned(seen: Look, promotion: Promotion) -> dict[str, str]:
    """The key of each image's content after this update."""
    kept = promotion.content.images if promotion.content else {}
    return {
        name: (kept[name].key if name in kept else None) or image.key
        for name, image in seen.images.items()
    }


def _patterns(settings: Settings, neighbours: Neighbours, image: str) -> tuple[str, ...]:
    stacks = [settings, *neighbours.of(settings, image)]
    found = {
        pattern
        for each in stacks
        for pattern in release_patterns(each.release.names, {"image": image, "stack": each.stack})
    }
    return tuple(sorted(found))


def _neighbour_builds(settings: Settings, neighbours: Neighbours, image: str) -> str:
    if neighbours.unread:
        return f"Pulumi.{neighbours.unread[0]}.yaml can't be read, and may use this repository"
    for each in neighbours.of(settings, image):
        if each.release.images == "build":
            return f"{each.stack} builds into this repository too; give it one of its own"
    return ""


def _strangers(
    settings: Settings,
    seen: Look,
    neighbours: Neighbours,
    reader: RecordReader,
    patterns: Mapping[str, tuple[str, ...]],
) -> dict[str, str]:
    """Images that a stack without a stack file here has deployed from these repositories."""
    known = {settings.stack, *(each.stack for each in neighbours.read)}
    found: dict[str, str] = {}
    paths = {name: path_of(settings, name) for name in seen.images}

    def is_here(image: str, repository: str) -> bool:
        return _is_here(paths[image], repository)

    for stack in reader.stacks():
        if stack in known:
            continue
        for record in _last(reader, stack):
            for name in strangers(seen.images, record, is_here, lambda image: patterns[image]):
                found[name] = f"{stack} runs from this repository, and has no stack file here"
    return found


def _last(reader: RecordReader, stack: str) -> list[Record]:
    return reader.newest(stack, 1, on_damage=lambda _: None)


def _is_here(path: str, repository: str) -> bool:
    return split_repository(repository)[1] == path
