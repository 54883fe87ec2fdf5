"""A line of a log, and what every log can be asked for."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of a log."""

    at: float
    """Seconds since 1970."""
    source: str
    """Which task, function instance, host or container."""
    text: str


class LogSource(Protocol):
    """The log of one service. Methods raise ClientError."""

    pause: float
    """Seconds between two looks."""

    def newest(self, count: int, since: float | None) -> list[Line]:
        """At most the newest `count` lines, oldest first, none older than `since`."""

    def more(self) -> list[Line]:
        """What has come since the last look, oldest first."""


class Fresh:
    """The lines of the last second that was shown: a look begins with whole seconds."""

    def __init__(self) -> None:
        """Nothing was shown yet."""
        self.last = time.time()
        self._known: set[Line] = set()

    def new(self, lines: Iterable[Line]) -> list[Line]:
        """Those that were not shown, oldest first."""
        found = sorted((each for each in lines if each not in self._known), key=lambda e: e.at)
        if found:
            self.last = found[-1].at
        self._known = {each for each in {*self._known, *found} if each.at >= int(self.last)}
        return found
