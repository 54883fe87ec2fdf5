"""Whether what a state says was undone since: by the very update that wrote it, or by one that
failed or was killed, and never wrote a state.

docs/decisions/0005-together.md tells why the record is asked, and not the target.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING

from provider.deployment import Deployment
from provider.resource import Old
from provider.verdict import is_good, is_put_back, is_untouched

if TYPE_CHECKING:
    from release.record import Record


class PastUpdates:
    """The records of earlier updates, each read once per process; safe in threads."""

    def __init__(self, deployment: Deployment) -> None:
        """Nothing is asked yet."""
        self._deployment = deployment
        self._read: dict[str, Record | None] = {}
        self._since: Mapping[str, Record | None] | None = None
        self._lock = threading.Lock()

    def undone(self, old: Old) -> str:
        """Why the state of a service can't be trusted, or "" where it can.

        A record that is gone says nothing. Raises RecordError or AwsError.
        """
        id_ = str(old.outputs.get("deployment") or "")
        if not id_:
            return ""
        if old.inputs.get("policy") == "together" and (why := self._undone_in(id_, old)):
            return why
        later = (_doubt(each, record, old) for each, record in self._later(id_).items())
        return next(filter(None, later), "")

    def _later(self, id_: str) -> dict[str, Record | None]:
        """The updates after one that did not become the current one, without this one."""
        own = self._deployment.record
        with self._lock:
            if self._since is None:
                self._since = self._deployment.since()
            return {
                each: record
                for each, record in self._since.items()
                if each > id_ and (own is None or each != own.id)
            }

    def _undone_in(self, id_: str, old: Old) -> str:
        """Of a service that switched together with others, by one GET for each update that deployed
        some: its record succeeded, or names what runs since that update failed."""
        record = self._record(id_)
        if record is None or record.outcome == "succeeded":
            return ""
        if record.outcome == "open":
            return f"the update that deployed it ({id_}) was ended before it was done"
        entry = record.services.get(str(old.inputs["service"]))
        if entry is not None and is_good(entry.verdict) and entry.digest == old.inputs["digest"]:
            return ""
        now = entry.verdict if entry else "not known to run"
        return f"the update that deployed it ({id_}) failed, and it is {now}"

    def _record(self, id_: str) -> Record | None:
        if id_ not in self._read:
            self._read[id_] = self._deployment.record_of(id_)
        return self._read[id_]


def _doubt(id_: str, record: Record | None, old: Old) -> str:
    """Why a service may run something else since a later update, or ""."""
    if record is None or record.outcome == "open":
        return f"an update since then ({id_}) never ended, and may have switched"
    entry = record.services.get(str(old.inputs["service"]))
    if entry is None or entry.deployment != id_ or is_untouched(entry.verdict):
        return ""
    if is_put_back(entry.verdict) and entry.digest == old.inputs["digest"]:
        return ""
    return f"an update since then ({id_}) failed, and it is {entry.verdict}"
