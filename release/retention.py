"""What of a repository must stay: names of releases, and what runs or can be gone back to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from release.names import is_build_name, is_movable
from release.record import Record
from release.templates import template_of

MOVABLE = "latest*"
MOST_WILDCARDS = 4
# Every version has a dot, and neither `src-<key>` nor a commit has one.
_ANY = {"version": "*.*", "sha": "*", "short_sha": "*"}


def release_patterns(templates: Iterable[str], values: Mapping[str, str]) -> tuple[str, ...]:
    """The patterns of all names that these templates give to releases, and of movable names.

    `values` has `image` and `stack`. A pattern may match more than its template's names, never
    less. Names that a build alone has (with a commit in them) are not among them.
    """
    found = {MOVABLE}
    for text in templates:
        if is_movable(text) or is_build_name(text):
            continue
        taken = template_of(text)
        parts = (
            letters + values.get(field, _ANY.get(field, "*")) for letters, field in taken.parts
        )
        found.add(_within_limits("".join(parts) + taken.end))
    return tuple(sorted(found))


def is_kept(name: str, patterns: Iterable[str]) -> bool:
    """Whether a name is one of those that stay for good."""
    return any(_matches(pattern, name) for pattern in patterns)


def ways_back(planned: Mapping[str, str], records: Iterable[Record], count: int) -> list[Record]:
    """The newest record of each content that must stay beside `planned`: down to the `count`-th
    one that succeeded, and those that failed after it, of which something may run.

    `planned` is this update's content: key by image. `records` are the newest first. The answer is
    the same before this update and after it, so that a retention made of it makes no diff alone.
    """
    seen = {_content(planned)}
    found: list[Record] = []
    succeeded = 0
    for record in records:
        content = _content({name: each.key or each.digest for name, each in record.images.items()})
        if content in seen:
            continue
        if record.outcome == "succeeded":
            if succeeded == count:
                break
            succeeded += 1
        seen.add(content)
        found.append(record)
    return found


def names_of(
    image: str, records: Iterable[Record], is_here: Callable[[str], bool], patterns: Iterable[str]
) -> dict[str, str]:
    """The single names that keep an image of these records, each with the reason.

    `is_here` tells whether a record's host/path is this repository. What a pattern keeps needs no
    name of its own.
    """
    kept = tuple(patterns)
    found: dict[str, str] = {}
    for record in records:
        entry = record.images.get(image)
        if entry is None or not is_here(entry.repository) or is_kept(entry.tag, kept):
            continue
        name = f"src-{entry.key}" if entry.key else entry.tag
        found.setdefault(name, f"{record.stack} can go back to it")
    return found


def strangers(
    images: Iterable[str],
    record: Record,
    is_here: Callable[[str, str], bool],
    patterns: Callable[[str], Iterable[str]],
) -> Iterator[str]:
    """The images whose repository another stack's record uses under a name that isn't kept."""
    for name in images:
        for entry in record.images.values():
            if is_here(name, entry.repository) and not is_kept(entry.tag, patterns(name)):
                yield name
                break


def _content(keys: Mapping[str, str]) -> frozenset[tuple[str, str]]:
    return frozenset(keys.items())


def _within_limits(pattern: str) -> str:
    """ECR takes four wildcards; a shorter pattern matches all that the longer one does."""
    parts = pattern.split("*")
    if len(parts) - 1 <= MOST_WILDCARDS:
        return pattern
    return "*".join(parts[:MOST_WILDCARDS]) + "*"


def _matches(pattern: str, name: str) -> bool:
    first, *others = pattern.split("*")
    if not others:
        return name == pattern
    if not name.startswith(first):
        return False
    place = len(first)
    for part in others[:-1]:
        place = name.find(part, place) + len(part)
        if place < len(part):
            return False
    return len(name) - len(others[-1]) >= place and name.endswith(others[-1])
