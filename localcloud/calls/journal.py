"""The calls since the start or the last reset, in memory and as lines of JSON in a file."""

import json
import threading
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from localcloud.calls.caller import Caller
from localcloud.calls.need import Need


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One call, as everybody can read it."""

    kind: str
    """What the caller is: host, task, execution, function, schedule, role, service, account."""
    role: str
    """ARN of its role; empty without one."""
    session: str
    """Name of the role's session."""
    account: str
    """The caller's account."""
    action: str
    """IAM action."""
    resource: str
    """ARN, or `*`."""
    context: dict[str, list[str]]
    """Condition keys of the call."""
    by: str
    """observed, implied or documented."""
    allowed: bool
    """Whether policies allow it."""
    reason: str
    """What refuses it."""


class Journal:
    """Takes calls down; safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: list[Entry] = []
        self._file: Path | None = None

    def open(self, file: Path) -> None:
        """Writes to this file from now on, which begins empty."""
        with self._lock:
            self._file = file
            file.write_text("")

    def note(self, caller: Caller, need: Need, reason: str) -> None:
        """Takes one down; `reason` is empty if it is allowed."""
        entry = Entry(
            kind=caller.kind,
            role=caller.role.arn if caller.role is not None else "",
            session=caller.session,
            account=caller.account,
            action=need.action,
            resource=need.resource,
            context={name: [str(each) for each in v] for name, v in need.context.items()},
            by=need.by,
            allowed=not reason,
            reason=reason,
        )
        with self._lock:
            self._entries.append(entry)
            if self._file is not None:
                with self._file.open("a") as output:
                    output.write(json.dumps(asdict(entry)) + "\n")

    def entries(self) -> list[dict[str, Any]]:
        """All of them, oldest first."""
        with self._lock:
            return [asdict(each) for each in self._entries]

    def reset(self) -> None:
        """Forgets all of them; the file is empty again."""
        with self._lock:
            self._entries = []
            if self._file is not None:
                self._file.write_text("")


JOURNAL = Journal()
"""One for the process, as moto's state is: roles and sessions are not passed around either."""
