"""When others are told of an update: once, when its record is closed and nobody acts any more."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from provider.resource import Call

if TYPE_CHECKING:
    from release.record import Record


class Telling:
    """One per update; safe in threads."""

    def __init__(self, send: Callable[[Record, Call], None] | None = None) -> None:
        """`send` gets the closed record; None tells nobody."""
        self._send = send
        self._acting = 0
        self._told = False
        self._lock = threading.Lock()

    @property
    def is_acting(self) -> bool:
        """Whether a rollout is changing something."""
        return self._acting > 0

    @contextmanager
    def acting(self, record: Callable[[], Record | None], call: Call) -> Iterator[None]:
        """Around what a rollout changes. The last one to end tells of a failed update: the engine
        begins nothing more after a failure."""
        with self._lock:
            self._acting += 1
        try:
            yield
        finally:
            with self._lock:
                self._acting -= 1
            self.tell(record(), call)

    def tell(self, record: Record | None, call: Call) -> None:
        """Send what is closed, if that was not done yet."""
        with self._lock:
            is_due = not self._told and self._acting == 0
            if self._send is None or record is None or record.outcome == "open" or not is_due:
                return
            self._told = True
        self._send(record, call)
