"""Writing records, pointers and name claims into the bundle bucket, always under a condition."""

from __future__ import annotations

from clients.aws import AwsAccess
from clients.object_store import ConditionError
from clients.record_documents import (
    NotCurrentError,
    RecordError,
    bytes_of,
    parsed,
    pointer_key,
    record_key,
)
from clients.record_reader import LARGEST_POINTER, RecordReader
from release.record import Hold, NameClaim, Pointer, Record

_TRIES = 5

__all__ = ["NotCurrentError", "RecordError", "RecordStore"]


class RecordStore(RecordReader):
    """Reads and writes the records of all stacks that share a bucket; safe in threads.

    Methods raise RecordError or AwsError.
    """

    def __init__(self, access: AwsAccess, bucket: str) -> None:
        """Nothing is asked before a method is called."""
        super().__init__(access, bucket)
        self._etags: dict[str, str] = {}

    def open(self, record: Record) -> None:
        """Write a new record. Raises RecordError if there is one of that id."""
        key = record_key(record.stack, record.id)
        try:
            self._etags[key] = self.objects.put(key, bytes_of(record), None)
        except ConditionError:
            raise RecordError(
                f"there is a record {record.id} already; run the update again"
            ) from None

    def close(self, record: Record) -> None:
        """Write the end of a record: of one that this store wrote, or of one that is open.

        Raises RecordError if it is closed already, or was changed meanwhile.
        """
        key = record_key(record.stack, record.id)
        etag = self._etags.get(key) or self._etag_of_open(record)
        try:
            self._etags[key] = self.objects.put(key, bytes_of(record), etag)
        except ConditionError:
            raise RecordError(
                f"the record {record.id} was changed by somebody else while this update ran"
            ) from None

    def move(self, pointer: Pointer, etag: str | None) -> str:
        """Write the pointer if it is still the one with `etag` (None: if there is none).

        Gives its new etag. Raises NotCurrentError that names who moved it.
        """
        try:
            return self.objects.put(pointer_key(pointer.stack), bytes_of(pointer), etag)
        except ConditionError:
            raise NotCurrentError(self._who_was_first(pointer)) from None

    def lift(self, stack: str) -> Hold | None:
        """Take the hold out of the pointer; the hold, or None if there was none."""
        for _ in range(_TRIES):
            found = self.pointer(stack)
            if found is None or found[0].hold is None:
                return None
            try:
                self.move(found[0].model_copy(update={"hold": None}), found[1])
            except NotCurrentError:
                continue
            return found[0].hold
        raise NotCurrentError(f"{stack}: the pointer keeps moving; wait for the running update")

    def claim_name(self, repository: str, name: str, digest: str) -> str:
        """Give a release name to a digest, for good; the digest that owns it, ours or another.

        `repository` is host[:port]/path.
        """
        claim = NameClaim(repository=repository, name=name, digest=digest)
        key = f"names/{repository}/{name}"
        try:
            self.objects.put(key, bytes_of(claim), None)
        except ConditionError:
            found = self.objects.get(key, LARGEST_POINTER)
            if found is None:
                raise RecordError(f"s3://{self.bucket}/{key} was deleted meanwhile") from None
            return parsed(NameClaim, self.where(key), found[0]).digest
        return digest

    def _who_was_first(self, ours: Pointer) -> str:
        now = self.pointer(ours.stack)
        if now is None:
            return f"{ours.stack}: the pointer was deleted while this update ran; run it again"
        theirs = now[0]
        try:
            who = f" by {self.read(ours.stack, theirs.record).who}"
        except RecordError:
            who = ""
        held = f"; held by {theirs.hold.who}: {theirs.hold.why}" if theirs.hold else ""
        return (
            f"{ours.stack}: while this update ran, another one made "
            f"{theirs.version or theirs.record} current{who} at {theirs.moved}{held} (record "
            f"{theirs.record}). What this one deployed is recorded as failed ({ours.record}); look "
            f"at `slipway history {ours.stack}`, then run `pulumi up` of the one that shall be "
            "current"
        )

    def _etag_of_open(self, record: Record) -> str:
        found, etag = self.read_with_etag(record.stack, record.id)
        if found.outcome != "open":
            raise RecordError(f"the record {record.id} is closed already: it {found.outcome}")
        return etag
