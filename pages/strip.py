"""The strip of bars of a stack: above the line what succeeded on a day, below what did not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pages.words import count, day
from release.history_days import Bar

STEP, WIDE = 8, 6  # units from bar to bar, and of a bar
ABOVE, BELOW = 22, 14  # units of the highest bar above and below the line


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """One rectangle."""

    kind: str
    """ok, back or bad: its class."""
    x: int
    y: float
    height: float
    title: str


def drawn(bars: Sequence[Bar]) -> list[Drawn]:
    """The rectangles of a strip; the line lies at y = ABOVE."""
    high = max((each.succeeded for each in bars), default=0) or 1
    deep = max((each.failed + each.rolled_back for each in bars), default=0) or 1
    found = []
    for index, each in enumerate(bars):
        x, title = index * STEP, f"{day(each.date)}: {_told(each)}"
        up, failed, back = (
            each.succeeded * ABOVE / high,
            each.failed * BELOW / deep,
            each.rolled_back * BELOW / deep,
        )
        parts = [("ok", ABOVE - up, up), ("bad", ABOVE + 1, failed)]
        parts.append(("back", ABOVE + 1 + failed, back))
        found += [
            Drawn(kind=kind, x=x, y=round(y, 1), height=round(height, 1), title=title)
            for kind, y, height in parts
            if height
        ]
    return found


def spoken(bars: Sequence[Bar]) -> str:
    """The strip in words."""
    total = Bar(
        date=bars[-1].date,
        succeeded=sum(each.succeeded for each in bars),
        rolled_back=sum(each.rolled_back for each in bars),
        failed=sum(each.failed for each in bars),
    )
    return f"{count(len(bars), 'day')} to {day(total.date)}: {_told(total)}"


def _told(bar: Bar) -> str:
    return f"{bar.succeeded:,} succeeded, {bar.failed:,} failed, {bar.rolled_back:,} rolled back"
