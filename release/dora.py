"""The four figures of DORA from the records of one stack: https://dora.dev/guides/dora-metrics/

What the records do not say is None, never a guess. DEFINITIONS is what a reader is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median

from release.lead_time import Graph, arrivals
from release.record import Record

DEFINITIONS = {
    "Deployment frequency": "Updates that succeeded, rollbacks left out; per week if the period "
    "has one.",
    "Lead time for changes": "The median of the time from each commit (git's committer date) to "
    "the end of the deployment that first brought it to this stack.",
    "Change failure rate": "The share of deployments that failed, were killed, or were rolled back "
    "before the next one succeeded.",
    "Time to restore": "The median of the time from the end of a deployment that failed or was "
    "rolled back later to the end of the next update that succeeded; what a failed one had put "
    "back itself served meanwhile.",
}
_WEEK = timedelta(days=7)


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What happened on one stack in a period, and the figures made of it."""

    since: datetime
    """Where the period begins: not before the oldest record that was read."""
    until: datetime
    deployments: int
    """Updates that succeeded and were no rollback."""
    attempts: int
    """The same with those that failed or were killed."""
    failures: int
    """Those of the attempts that failed, were killed, or were rolled back."""
    leads: tuple[float, ...]
    """Seconds from each commit to its deployment."""
    leads_unknown: int
    """Deployments of which git can't say what they brought."""
    restores: tuple[float, ...]
    """Seconds from each failure to the update that ended it."""
    broken: bool
    """Whether the last failure has not ended yet."""

    @property
    def per_week(self) -> float | None:
        """None for a period that is shorter than a week."""
        period = self.until - self.since
        return self.deployments * (_WEEK / period) if period >= _WEEK else None

    @property
    def lead(self) -> float | None:
        """Median in seconds; None where no commit could be followed."""
        return median(self.leads) if self.leads else None

    @property
    def failure_rate(self) -> float | None:
        """0 to 1; None without a deployment."""
        return self.failures / self.attempts if self.attempts else None

    @property
    def restore(self) -> float | None:
        """Median in seconds; None where nothing had to be restored."""
        return median(self.restores) if self.restores else None


def figures(records: Sequence[Record], graph: Graph, until: datetime, days: int) -> Figures | None:
    """The figures of one stack over the last `days` before `until`; None without any record.

    `records` in any order. An open record that another one followed was killed; the newest may
    still be running, and does not count.
    """
    ordered = sorted(records, key=lambda each: each.id)
    if not ordered:
        return None
    since = max(until - timedelta(days=days), min(moment_of(ordered[0].started), until))
    story = _Story(since=since)
    for record in ordered:
        if record.outcome != "open" or record is not ordered[-1]:
            story.take(record)
    leads = _leads(ordered, graph, since)
    return Figures(
        since=since,
        until=until,
        deployments=story.deployments,
        attempts=len(story.attempts),
        failures=len(story.failed & story.attempts),
        restores=tuple(sorted(story.restores)),
        broken=story.broken is not None,
        leads=leads.seconds,
        leads_unknown=leads.unknown,
    )


def moment_of(text: str) -> datetime:
    """A record's moment, RFC 3339, as a time."""
    return datetime.fromisoformat(text)


def end_of(record: Record) -> datetime:
    """When an update ended, as far as its record knows."""
    return moment_of(record.finished or record.started)


def _leads(ordered: Sequence[Record], graph: Graph, since: datetime) -> _Leads:
    deployed = [(each.commit, end_of(each)) for each in ordered if _is_deployment(each)]
    recent = [each for each in arrivals(deployed, graph) if each.at >= since]
    return _Leads(
        seconds=tuple(sorted(one for each in recent for one in each.seconds or ())),
        unknown=sum(each.seconds is None for each in recent),
    )


def _is_deployment(record: Record) -> bool:
    return record.outcome == "succeeded" and not record.rollback


@dataclass(frozen=True, kw_only=True)
class _Leads:
    seconds: tuple[float, ...]
    unknown: int


@dataclass(kw_only=True)
class _Story:
    """What happened, told from the oldest record on."""

    since: datetime
    deployments: int = 0
    attempts: set[str] = field(default_factory=set)
    failed: set[str] = field(default_factory=set)
    restores: list[float] = field(default_factory=list)
    broken: datetime | None = None
    """Since when something is wrong."""
    _live: Record | None = None
    """The deployment that a rollback would be the fault of."""

    def take(self, record: Record) -> None:
        """The next record."""
        if record.rollback:
            self._roll_back()
        elif end_of(record) >= self.since:
            self.attempts.add(record.id)
        if record.outcome != "succeeded":
            self.failed.add(record.id)
            self.broken = self.broken or end_of(record)
        else:
            self._restored(record)
            if not record.rollback:
                self._live = record
                self.deployments += record.id in self.attempts

    def _roll_back(self) -> None:
        """One deployment is to blame, once, however far back the way leads."""
        if self._live is not None:
            self.failed.add(self._live.id)
            self.broken = self.broken or end_of(self._live)
            self._live = None

    def _restored(self, record: Record) -> None:
        if self.broken is not None and end_of(record) >= self.since:
            self.restores.append(max((end_of(record) - self.broken).total_seconds(), 0.0))
        self.broken = None
