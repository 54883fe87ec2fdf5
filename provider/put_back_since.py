"""Whether what a state says was undone by the very update that wrote it.

docs/decisions/0005-together.md tells why the record is asked, and not the target.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from provider.deployment import Deployment
from provider.resource import Old
from provider.verdict import is_good

if TYPE_CHECKING:
    from release.record import Record


class PastUpdates:
    """The records of earlier updates, each read once per process; safe in threads."""

    def __init__(self, deployment: Deployment) -> None:
        """Nothing is asked yet."""
        self._deployment = deployment
        self._read: dict[str, Record | None] = {}

    def undone(self, old: Old) -> str:
        """Why the state of a service can't be trusted, or "" where it can.

        Only a service that switched together with others is looked up, by one GET for each update
        that deployed some: its record succeeded, or names what runs since that update failed. A
        record that is gone says nothing. Raises RecordError or AwsError.
        """
        id_ = str(old.outputs.get("deployment") or "")
        if old.inputs.get("policy") != "together" or not id_:
            return ""
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
