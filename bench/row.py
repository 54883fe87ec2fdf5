"""A row of the table: what was measured, against what, and how many times as much."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Row:
    """One comparison."""

    what: str
    """The work."""
    ours: float
    """Seconds."""
    note: str
    """What ours took besides time."""
    against: str
    """The reference."""
    theirs: float
    """Seconds of the reference."""
    remark: str
    """What the reference took besides time."""

    @property
    def ratio(self) -> float:
        """How many times as long as ours the reference takes; below 1 ours is the slower one."""
        return self.theirs / self.ours


def best(*works: Callable[[], object], times: int = 1) -> list[float]:
    """Seconds of each, the fastest of several runs, in turns: a busy machine slows all of them."""
    taken: list[list[float]] = [[] for _ in works]
    for _ in range(times):
        for work, found in zip(works, taken, strict=True):
            began = time.perf_counter()
            work()
            found.append(time.perf_counter() - began)
    return [min(each) for each in taken]
