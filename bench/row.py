"""A row of the table: what was measured, against what, and how many times as much."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Row:
    """One comparison."""

    what: str
    """The work."""
    ours: float
    """Seconds, or MiB."""
    note: str
    """What ours took besides."""
    against: str
    """The reference."""
    theirs: float
    """Seconds of the reference, or MiB."""
    remark: str
    """What the reference took besides."""
    source: str
    """The file that the reference is in."""
    unit: Literal["s", "MiB"] = "s"
    curve: str = ""
    """The plot that it is a point of; empty: none."""
    size: int = 0
    """Where on that plot: images, or services."""

    @property
    def ratio(self) -> float:
        """How many times as much as ours the reference takes; below 1 ours takes more."""
        return self.theirs / self.ours

    def said(self, amount: float) -> str:
        """An amount of it with its unit."""
        if self.unit == "MiB":
            return f"{amount:.0f} MiB"
        return f"{amount * 1000:.0f} ms" if amount < 1 else f"{amount:.2f} s"


def best(*works: Callable[[], object], times: int = 1) -> list[float]:
    """Seconds of each, the fastest of several runs, in turns: a busy machine slows all of them."""
    taken: list[list[float]] = [[] for _ in works]
    for _ in range(times):
        for work, found in zip(works, taken, strict=True):
            began = time.perf_counter()
            work()
            found.append(time.perf_counter() - began)
    return [min(each) for each in taken]
