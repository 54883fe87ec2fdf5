"""Reading records and pointers out of the bundle bucket.

records/<stack>/<id>.json           one update that changed something
records/<stack>/hosts.json          what the stack's hosts run when they boot
records/<stack>/current.json        which record is the current one, and the hold
names/<host>/<repository>/<name>    which digest owns a release name
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from clients.aws import AwsAccess
from clients.object_store import ObjectStore
from clients.record_documents import (
    RecordError,
    is_called,
    is_record,
    parsed,
    pointer_key,
    record_key,
    stack_folder,
)
from release.record import Pointer, Record
from release.record_schema import RECORD_ID, STACK
from release.record_text import plain

_LARGEST_RECORD = 32 * 1024 * 1024  # bytes; 5,000 images take 4 MB
LARGEST_POINTER = 64 * 1024  # bytes
_WINDOWS = (timedelta(days=3), timedelta(days=30), timedelta(days=365), timedelta(days=36500))
_AT_ONCE = 8
_SEARCHED = 1000  # records that find() looks at before it gives up


class RecordReader:
    """The records of all stacks that share a bucket. Methods raise RecordError or AwsError."""

    def __init__(self, access: AwsAccess, bucket: str) -> None:
        """Nothing is asked before a method is called; safe in threads."""
        self.bucket = bucket
        self.objects = ObjectStore(access, bucket)

    def read(self, stack: str, record: str) -> Record:
        """The record of that id. Raises RecordError if there is none, or it can't be trusted."""
        return self.read_with_etag(stack, record)[0]

    def newest(
        self, stack: str, limit: int, on_damage: Callable[[str], None] | None = None
    ) -> list[Record]:
        """At most `limit` records, the newest first.

        A damaged one raises RecordError; with `on_damage` it is told to that and left out.
        """
        return list(self._read_all(stack, self._newest_ids(stack, limit), on_damage))

    def since(self, stack: str, record: str | None) -> dict[str, Record | None]:
        """The records of updates that began after one, or all, by id, the oldest first; None for
        what can't be read as a record."""
        ids = self._ids(stack, record_key(stack, record) if record else stack_folder(stack))
        read = {each.id: each for each in self._read_all(stack, ids, lambda _: None)}
        return {each: read.get(each) for each in ids}

    def walk(self, stack: str, most: int, on_damage: Callable[[str], None]) -> Iterator[Record]:
        """At most `most` records, the newest first, read in batches as they are taken.

        Damaged ones are told to `on_damage` and left out.
        """
        ids = self._newest_ids(stack, most)
        for start in range(0, len(ids), _AT_ONCE):
            yield from self._read_all(stack, ids[start : start + _AT_ONCE], on_damage)

    def stacks(self) -> list[str]:
        """The stacks that have records in this bucket."""
        return [each for each in self.objects.folders("records/") if STACK.fullmatch(each)]

    def find(self, stack: str, word: str) -> Record | None:
        """The newest record with that id, version, name, or commit (7 or more of its digits).

        One that succeeded goes before one that did not, whichever is newer.
        """
        if RECORD_ID.fullmatch(word):
            return self._find_id(stack, word)
        other = None
        ids = self._newest_ids(stack, _SEARCHED)
        for start in range(0, len(ids), 4 * _AT_ONCE):
            for record in self._read_all(stack, ids[start : start + 4 * _AT_ONCE], None):
                if is_called(record, word):
                    if record.outcome == "succeeded":
                        return record
                    other = other or record
        return other

    def pointer(self, stack: str) -> tuple[Pointer, str] | None:
        """The pointer and its etag; None without records, or without the bucket."""
        key = pointer_key(stack)
        found = self.objects.get(key, LARGEST_POINTER)
        if found is None:
            return None
        pointer = parsed(Pointer, self.where(key), found[0])
        if pointer.stack != stack:
            raise RecordError(f"s3://{self.bucket}/{key} is of another stack, {pointer.stack!r}")
        return pointer, found[1]

    def read_with_etag(self, stack: str, record: str) -> tuple[Record, str]:
        """The record of that id and its etag. Raises RecordError as read() does."""
        if not RECORD_ID.fullmatch(record):
            raise RecordError(f"{plain(record, 80)!r} is not the id of a record")
        key = record_key(stack, record)
        found = self.objects.get(key, _LARGEST_RECORD)
        if found is None:
            raise RecordError(f"{stack} has no record {record}; see `slipway history {stack}`")
        record_there = parsed(Record, self.where(key), found[0])
        if (record_there.stack, record_there.id) != (stack, record):
            raise RecordError(f"s3://{self.bucket}/{key} holds another record")
        return record_there, found[1]

    def _find_id(self, stack: str, record: str) -> Record | None:
        if self.objects.holds(record_key(stack, record)):
            return self.read(stack, record)
        return None

    def _read_all(
        self, stack: str, ids: Iterable[str], on_damage: Callable[[str], None] | None
    ) -> Iterator[Record]:
        def read(record: str) -> Record | RecordError:
            try:
                return self.read(stack, record)
            except RecordError as error:
                return error

        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for each in pool.map(read, ids):
                if isinstance(each, Record):
                    yield each
                elif on_damage is None:
                    raise each
                else:
                    on_damage(str(each))

    def _newest_ids(self, stack: str, limit: int) -> list[str]:
        """Keys are listed from the oldest on, so ever longer windows are asked for."""
        now, ids = datetime.now(UTC), list[str]()
        for window in _WINDOWS:
            ids = self._ids(stack, f"{stack_folder(stack)}{now - window:%Y%m%d}")
            if len(ids) >= limit:
                break
        return ids[::-1][:limit]

    def _ids(self, stack: str, after: str) -> list[str]:
        """Of the records whose keys sort after a text, the oldest first."""
        prefix = stack_folder(stack)
        names = (key[len(prefix) :] for key in self.objects.keys(prefix, after))
        return [name[:-5] for name in names if is_record(name)]

    def where(self, key: str) -> str:
        """The URL of an object."""
        return f"s3://{self.bucket}/{key}"
