"""The deployments of some stacks as a reader follows them: newest first, day by day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Literal

from release.dora import end_of, moment_of
from release.record import Pointer, Record
from release.record_words import name_of

Outcome = Literal["succeeded", "rolled back", "failed", "killed", "running or killed"]
_REASON = 300  # characters of a failure that are shown


@dataclass(frozen=True, kw_only=True)
class StackHistory:
    """What was read of one stack."""

    stack: str
    promotes_from: str | None = None
    """The stack whose images it promotes, if it promotes."""
    pointer: Pointer | None = None
    current: Record | None = None
    """The record that the pointer names."""
    records: tuple[Record, ...] = ()
    """The newest ones, newest first."""
    whole: bool = True
    """Whether there are no older records than these."""
    damaged: int = 0
    """How many more there are that can't be read."""
    unread: str = ""
    """Why nothing could be read of it; empty if it could."""


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """One line of the timeline."""

    stack: str
    id: str
    at: datetime
    """When it began."""
    seconds: float | None
    """How long it took; None if that is not known."""
    name: str
    commit: str
    who: str
    where: str
    outcome: Outcome
    changed: tuple[str, ...]
    """Images and services that this update built, named or deployed."""
    reason: str
    """Why it failed; empty if it did not."""
    is_current: bool


@dataclass(frozen=True, kw_only=True)
class Day:
    """What began on one day, UTC; newest first."""

    date: date
    deployments: tuple[Deployment, ...]

    def count(self, *outcomes: Outcome) -> int:
        """How many ended so."""
        return sum(each.outcome in outcomes for each in self.deployments)


def deployments_of(stack: StackHistory) -> list[Deployment]:
    """One line for each record of a stack, newest first."""
    return [_deployment(stack, each, index == 0) for index, each in enumerate(stack.records)]


def days_of(deployments: Iterable[Deployment]) -> tuple[Day, ...]:
    """All of them by day, newest first; days without any are left out."""
    ordered = sorted(deployments, key=lambda each: (each.at, each.stack), reverse=True)
    days = groupby(ordered, key=lambda each: each.at.date())
    return tuple(Day(date=day, deployments=tuple(of)) for day, of in days)


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One day of a stack's activity."""

    date: date
    succeeded: int
    rolled_back: int
    failed: int
    """With those that were killed."""


def activity(deployments: Sequence[Deployment], until: date, days: int) -> tuple[Bar, ...]:
    """One bar for each of the last `days` days, oldest first; one that still runs is left out."""
    by_day = {each.date: each for each in days_of(deployments)}
    empty = Day(date=until, deployments=())
    dates = [until - timedelta(days=back) for back in range(days - 1, -1, -1)]
    return tuple(
        Bar(
            date=each,
            succeeded=by_day.get(each, empty).count("succeeded"),
            rolled_back=by_day.get(each, empty).count("rolled back"),
            failed=by_day.get(each, empty).count("failed", "killed"),
        )
        for each in dates
    )


def _deployment(stack: StackHistory, record: Record, newest: bool) -> Deployment:
    began = moment_of(record.started)
    seconds = max((end_of(record) - began).total_seconds(), 0.0) if record.finished else None
    return Deployment(
        stack=stack.stack,
        id=record.id,
        at=began,
        seconds=seconds,
        name=name_of(record),
        commit=record.commit,
        who=record.who,
        where=record.where,
        outcome=_outcome(record, newest),
        changed=_changed(record),
        reason=_reason(record),
        is_current=stack.pointer is not None and stack.pointer.record == record.id,
    )


def _changed(record: Record) -> tuple[str, ...]:
    images = {name for name, each in record.images.items() if each.deployment == record.id}
    services = {name for name, each in record.services.items() if each.deployment == record.id}
    return tuple(sorted(images | services))


def _outcome(record: Record, newest: bool) -> Outcome:
    if record.outcome == "failed":
        return "failed"
    if record.outcome == "open":
        return "running or killed" if newest else "killed"
    return "rolled back" if record.rollback else "succeeded"


def _reason(record: Record) -> str:
    text = " ".join((record.failure or "").split())
    return text if len(text) <= _REASON else text[: _REASON - 1] + "…"
