"""A way to the local cloud that ends a process at a call: before it, or before its answer."""

from __future__ import annotations

from collections.abc import Callable

from tests.faults.faulty import FaultyProxy
from tests.faults.proxy import Answer

WRITES = ("PutObject", "SendCommand")


class CallsProxy(FaultyProxy):
    """Passes calls on; at the one that is aimed at it does `act` first, or before answering."""

    def __post_init__(self) -> None:
        self._target: tuple[str, int, bool] | None = None
        self._act: Callable[[], None] = lambda: None
        super().__post_init__()

    def aim(self, call: str, number: int, *, answered: bool, act: Callable[[], None]) -> None:
        """At the `number`th call (from 1) that begins so from now on: `act`; once."""
        with self._lock:
            self.calls.clear()
            self._target, self._act = (call, number, answered), act

    @property
    def hit(self) -> bool:
        """Whether the call came."""
        return self._target is None

    def handle(self, call: str, forward: Callable[[], Answer]) -> Answer:
        """Passed on, with what is done at it."""
        answered = self._aimed_at(call)
        if answered is False:
            self._act()
        answer = super().handle(call, forward)
        if answered:
            self._act()
        return answer

    def _aimed_at(self, call: str) -> bool | None:
        """None if a call is not the one that is aimed at, else whether it is done first."""
        with self._lock:
            if self._target is None:
                return None
            wanted, number, answered = self._target
            same = sum(each.startswith(wanted) for each in [*self.calls, call])
            if not call.startswith(wanted) or same != number:
                return None
            self._target = None
            return answered
