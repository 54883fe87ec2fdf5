"""What the status page tells: made from records alone, so the same records make the same page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from release.dora import Figures, end_of, figures
from release.history_days import (
    Bar,
    Day,
    Deployment,
    StackHistory,
    activity,
    days_of,
    deployments_of,
)
from release.lead_time import Graph
from release.promotion_path import Commits, Waiting, in_order, waiting
from release.record import Hold, ServiceEntry
from release.record_schema import RECORD_ID
from release.record_words import name_of


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One service on one stack, as its current record has it."""

    version: str
    digest: str
    target: str
    since: datetime
    """When the update began that deployed it last."""
    who: str
    """Who ran that update; empty if its record is not among those that were read."""
    verdict: str
    differs: bool | None
    """Whether the stack that it is promoted from runs something else; None without such one."""


@dataclass(frozen=True, kw_only=True)
class StackState:
    """One stack: what is deployed, and how it went of late."""

    stack: str
    promotes_from: str | None
    name: str
    """Version, name or commit of the current record; empty before the first one."""
    commit: str
    since: datetime | None
    """When the current record was finished."""
    who: str
    hold: Hold | None
    trouble: Deployment | None
    """The newest update, if it failed, was killed, or still runs."""
    bars: tuple[Bar, ...]
    figures: Figures | None
    read: int
    """Records that were read."""
    whole: bool
    damaged: int
    unread: str


@dataclass(frozen=True, kw_only=True)
class Report:
    """The whole page."""

    project: str
    made: datetime
    days: int
    """The period of the figures, in days."""
    stacks: tuple[StackState, ...]
    """Origins first."""
    services: tuple[tuple[str, tuple[Cell | None, ...]], ...]
    """By service, one cell for each stack, in their order."""
    waiting: tuple[Waiting, ...]
    timeline: tuple[Day, ...]


def report(
    project: str,
    stacks: Sequence[StackHistory],
    between: Mapping[tuple[str, str], Commits],
    graph: Graph,
    made: datetime,
    days: int,
) -> Report:
    """The page of these stacks; `between` tells what git knows of each step of the way."""
    ordered = in_order(stacks)
    lines = {each.stack: deployments_of(each) for each in ordered}
    return Report(
        project=project,
        made=made,
        days=days,
        stacks=tuple(_state(each, lines[each.stack], graph, made, days) for each in ordered),
        services=_services(ordered),
        waiting=waiting(ordered, between),
        timeline=days_of(line for each in ordered for line in lines[each.stack]),
    )


def _state(
    stack: StackHistory, lines: Sequence[Deployment], graph: Graph, made: datetime, days: int
) -> StackState:
    current = stack.current
    newest = lines[0] if lines else None
    ended_well = newest is None or newest.outcome in ("succeeded", "rolled back")
    return StackState(
        stack=stack.stack,
        promotes_from=stack.promotes_from,
        name=name_of(current) if current else "",
        commit=current.commit if current else "",
        since=end_of(current) if current else None,
        who=current.who if current else "",
        hold=stack.pointer.hold if stack.pointer else None,
        trouble=None if ended_well else newest,
        bars=activity(lines, made.date(), days),
        figures=figures(stack.records, graph, made, days),
        read=len(stack.records),
        whole=stack.whole,
        damaged=stack.damaged,
        unread=stack.unread,
    )


def _services(
    stacks: Sequence[StackHistory],
) -> tuple[tuple[str, tuple[Cell | None, ...]], ...]:
    named = {each.stack: each for each in stacks}
    names = sorted({name for each in stacks for name in _entries(each)})
    return tuple(
        (name, tuple(_cell(each, named.get(each.promotes_from or ""), name) for each in stacks))
        for name in names
    )


def _cell(stack: StackHistory, origin: StackHistory | None, name: str) -> Cell | None:
    entry = _entries(stack).get(name)
    if entry is None or stack.current is None:
        return None
    deployed_in = entry.deployment or stack.current.id
    read = {each.id: each for each in (*stack.records, stack.current)}
    theirs = _entries(origin).get(name) if origin else None
    return Cell(
        version=entry.version,
        digest=entry.digest,
        target=entry.target,
        since=began(deployed_in),
        who=read[deployed_in].who if deployed_in in read else "",
        verdict=entry.verdict,
        differs=None if theirs is None else theirs.digest != entry.digest,
    )


def began(record: str) -> datetime:
    """When an update began, as the id of its record says. Raises ValueError if it is no id."""
    if not RECORD_ID.fullmatch(record):
        raise ValueError(f"{record!r} is not the id of a record")
    return datetime.strptime(record[:16] + "+0000", "%Y%m%dT%H%M%SZ%z")


def _entries(stack: StackHistory) -> Mapping[str, ServiceEntry]:
    return stack.current.services if stack.current else {}
