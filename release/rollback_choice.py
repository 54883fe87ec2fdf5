"""What a stack can go back to: records of updates that succeeded before the current one."""

from __future__ import annotations

from collections.abc import Iterable

from release.record import Record
from release.rollback import is_known_older


def targets(current: Record, records: Iterable[Record]) -> list[Record]:
    """The records to go back to from the current one, the best first: the last good one before.

    `records` are the newest first. With versions: the newest record of each older version.
    Without: the newest of each other content before the current one; and what was itself rolled
    back to counts as of the time when it was first deployed, so a second rollback goes further
    back, and never to what the first one left.
    """
    chosen: list[Record] = []
    seen: set[object] = {_content(current)}
    for record in records:
        if not _is_before(record, current) or _content(record) in seen:
            continue
        seen.add(_content(record))
        chosen.append(record)
    return chosen


def _is_before(record: Record, current: Record) -> bool:
    if record.outcome != "succeeded" or record.id == current.id:
        return False
    if current.version is not None:
        return record.version is not None and is_known_older(record.version, current.version)
    first = current.source.record if current.rollback and current.source else None
    return record.id < (first or current.id)


def _content(record: Record) -> object:
    if record.version is not None:
        return record.version
    return frozenset((name, image.digest) for name, image in record.images.items())
