"""Events of a CloudWatch log group: the newest ones, and those that come."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass
from typing import Any

from clients.aws import AwsAccess, AwsError, client, translated

_MISSING = "ResourceNotFoundException"
# CloudWatch gives the oldest first: ever longer windows find the newest without reading all.
_WINDOWS = (60, 600, 3600, 86400, 14 * 86400)  # seconds
_LATE = 10_000  # milliseconds in which an event may come after newer ones
_MOST_PAGES = 200  # of up to 10,000 events or 1 MB


@dataclass(frozen=True, kw_only=True)
class LogEvent:
    """One line."""

    id: str
    at: int
    """Milliseconds since 1970."""
    stream: str
    message: str


def newest(
    access: AwsAccess, group: str, count: int, since: float | None = None
) -> list[LogEvent] | None:
    """At most `count` newest events, oldest first; None if there is no such group.

    `since`, in seconds since 1970, leaves out what is older. Raises AwsError.
    """
    now = time.time()
    begins = [since] if since is not None else [*(now - each for each in _WINDOWS), 0.0]
    found: deque[LogEvent] = deque(maxlen=count)
    for begin in begins:
        events = _events(access, group, int(begin * 1000), count)
        if events is None:
            return None
        found = events
        if len(found) >= count:
            break
    return list(found)


class Follower:
    """What comes into a group after what was shown. Methods raise AwsError."""

    def __init__(self, access: AwsAccess, group: str, shown: list[LogEvent]) -> None:
        """`shown` are the events that are known already."""
        self._access, self._group = access, group
        self._known = {each.id: each.at for each in shown}
        self._last = max((each.at for each in shown), default=int(time.time() * 1000))

    def more(self) -> list[LogEvent]:
        """The events since the last call, oldest first."""
        found = _events(self._access, self._group, self._last - _LATE, 100_000) or ()
        new = [each for each in found if each.id not in self._known]
        self._last = max([self._last, *(each.at for each in new)])
        self._known |= {each.id: each.at for each in new}
        self._known = {id_: at for id_, at in self._known.items() if at >= self._last - _LATE}
        return new


def _events(access: AwsAccess, group: str, start: int, count: int) -> deque[LogEvent] | None:
    """The newest `count` events since `start` (milliseconds); None if there is no group."""
    found: deque[LogEvent] = deque(maxlen=count)
    try:
        with translated(f"reading the log {group}"):
            asking = client(access, "logs").get_paginator("filter_log_events")
            pages = asking.paginate(logGroupName=group, startTime=max(start, 0))
            for number, page in enumerate(pages):
                found += (_event(each) for each in page["events"])
                if number >= _MOST_PAGES:
                    raise AwsError(
                        f"the log {group} holds too much since then; say a later --since, "
                        "such as --since 10m"
                    )
    except AwsError as error:
        if error.code == _MISSING:
            return None
        raise
    return deque(sorted(found, key=lambda each: each.at), maxlen=count)


def _event(said: dict[str, Any]) -> LogEvent:
    return LogEvent(
        id=str(said["eventId"]),
        at=int(said["timestamp"]),
        stream=str(said.get("logStreamName") or ""),
        message=str(said.get("message") or ""),
    )
