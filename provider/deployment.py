"""The record of this update: begun in memory by whoever acts first, written before a rollout."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from clients import ClientError
from provider import origin
from provider.begun import Begun, HeldError, Stack, begun, header, hold_asked
from provider.resource import Call
from provider.telling import Telling
from release.record_text import moment, plain_lines

if TYPE_CHECKING:
    # Imported late: pydantic and boto3 are no matter for a stack without a bucket.
    from clients.record_store import RecordStore
    from release.record import ImageEntry, Pointer, Record, ServiceEntry

__all__ = ["Deployment", "HeldError"]


class Deployment:
    """One per process, so one per update. Safe in threads; without a stack it does nothing."""

    def __init__(self, stack: Stack | None, environment: Mapping[str, str] | None = None) -> None:
        """`stack` is None where no records are kept."""
        self._stack = stack
        self._environment = os.environ if environment is None else environment
        self._begun: Begun | None = None
        self._lock = threading.RLock()
        self.telling = Telling()

    @property
    def kept(self) -> bool:
        """Whether records are kept."""
        return self._stack is not None

    @property
    def hold_asked(self) -> str | None:
        """Why a rollback was asked for: the word of SLIPWAY_HOLD, or None."""
        return hold_asked(self._environment)

    @property
    def who(self) -> str:
        """Who runs this update."""
        return origin.who(self._environment)

    @property
    def record(self) -> Record | None:
        """The record of this update as it is in the bucket; None before it is written."""
        return self._begun.record if self._begun else None

    @cached_property
    def store(self) -> RecordStore:
        """The records of the stack. Only where records are kept."""
        return self._of().store()

    def pointer(self) -> tuple[Pointer, str] | None:
        """The pointer and its etag as first asked. Raises RecordError or AwsError."""
        with self._lock:
            return self._first_pointer

    @cached_property
    def _first_pointer(self) -> tuple[Pointer, str] | None:
        return self.store.pointer(self._of().name)

    def record_of(self, version: str) -> Record | None:
        """The newest record of a version or id, or None. Raises RecordError or AwsError."""
        return self.store.find(self._of().name, version) if self.kept else None

    def since(self) -> Mapping[str, Record | None]:
        """The records after the current one, by id; None for no record. Raises as pointer()."""
        if not self.kept:
            return {}
        found = self.pointer()
        return self.store.since(self._of().name, found[0].record if found else None)

    def begin(self, version: str | None = None) -> str:
        """The id of this update's record, the same at every call; "" where none is kept.

        Nothing is written. Raises GitError where no commit is checked out.
        """
        if self._stack is None:
            return ""
        with self._lock:
            if self._begun is None:
                self._begun = begun(self._stack.commit(), version)
            elif self._begun.version is None:
                self._begun.version = version
            return self._begun.id

    def refuse_if_held(self, version: str | None) -> None:
        """Raise HeldError if a rollback holds the stack and this update would move on."""
        if self._stack is None:
            return
        from release.rollback import refusal

        found = self.pointer()
        current = found[0] if found else None
        hold = refusal(current, version, self.hold_asked)
        if current is not None and hold is not None:
            raise HeldError(self._stack.name, hold, current.version, version)

    def open(self) -> None:
        """Write the record as open, once, before the first rollout acts."""
        if self._stack is None:
            return
        self.begin()
        with self._lock:
            now = self._began()
            if now.record is None:
                record = header(self._stack, now, self.pointer(), self._environment)
                self.store.open(record)
                now.record = record

    @contextmanager
    def acting(self, call: Call, service: str, version: str | None) -> Iterator[str]:
        """Around whatever a rollout changes: the id of the record that it acts in.

        Raises HeldError before anything is done; what fails inside is written into the record.
        """
        self.begin(version)
        self.refuse_if_held(version)
        self.open()
        with self.telling.acting(lambda: self.record, call):
            try:
                yield self.begin()
            except ClientError as error:
                unwritten = self.fail(service, getattr(error, "brief", str(error)))
                if unwritten:
                    call.info(f"{service}: {unwritten}")
                raise

    def note(self, service: str, entry: ServiceEntry) -> None:
        """Remember what came of a service: a failed update's record tells it."""
        with self._lock:
            if self._begun is not None:
                self._begun.services[service] = entry

    def amend(self, service: str, *, digest: str | None, verdict: str) -> None:
        """Another end of a service that was noted: it was put back since."""
        with self._lock:
            entry = self._begun.services.get(service) if self._begun else None
        if entry is not None:
            update = {"verdict": verdict, **({"digest": digest} if digest else {})}
            self.note(service, entry.model_copy(update=update))

    def note_image(self, image: str, entry: ImageEntry) -> None:
        """Remember what was built or named: a failed update's record tells it."""
        with self._lock:
            if self._begun is not None:
                self._begun.images[image] = entry

    def fail(self, service: str, message: str) -> str:
        """Close the record as failed, or add to its failure. Gives "" or, if it could not be
        written, a sentence that says so: the failure itself must not be hidden by it.
        """
        with self._lock:
            if self._begun is None or self._begun.record is None:
                return ""
            self._begun.failures.append(f"{service}: {message.removeprefix(f'{service}: ')}")
            failure = plain_lines("\n".join(self._begun.failures))
            try:
                self.close(outcome="failed", failure=failure)
            except ClientError as error:
                return f"the record of this update could not be written: {error}"
        return ""

    def close(self, **values: Any) -> Record:
        """Write the record with its outcome and other values; it is opened if nobody has.

        Gives the record. Raises RecordError or AwsError.
        """
        from release.record import Record

        self.open()
        with self._lock:
            now = self._began()
            noted = {"images": dict(now.images), "services": dict(now.services)}
            ended = {"finished": moment(datetime.now(UTC)), **noted, **values}
            assert now.record is not None  # noqa: S101 -- open() has written it
            record = Record.model_validate({**dict(now.record), **ended})
            self.store.close(record)
            now.record = record
            return record

    def _of(self) -> Stack:
        if self._stack is None:
            raise ClientError("this stack keeps no records: it has no bucket for bundles")
        return self._stack

    def _began(self) -> Begun:
        assert self._begun is not None  # noqa: S101 -- begin() was called before
        return self._begun
