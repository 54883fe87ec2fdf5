"""What really runs beside what the record says, and whether they agree."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from release.record import Record, ServiceEntry

_SHORT = len("sha256:") + 12


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One service in one place, as it was read back."""

    service: str
    target: str
    """host, ecs, lambda, docker or microk8s."""
    where: str
    """Instance id, cluster/service, function:alias, container or namespace/service."""
    state: str
    """running, completed, scheduled, absent, offline, unknown, or the target's own word."""
    well: bool
    """Whether a deployed service may be in that state."""
    why: str = ""
    """Why it is not well; may be empty."""
    digest: str | None = None
    """What runs; None if nothing does, or if nobody could be asked."""
    version: str = ""
    """The version that the target itself names; mostly empty."""
    since: str = ""
    """Since when it runs, RFC 3339; may be empty."""
    health: str = ""
    """healthy, unhealthy or starting; empty where nothing checks it."""
    facts: Mapping[str, str] = field(default_factory=dict)
    """What else the target says, by name."""


@dataclass(frozen=True, kw_only=True)
class Compared:
    """What was seen, what the record says, and how they differ."""

    seen: Seen
    digest: str | None
    """The record's; None if it says nothing of this service."""
    version: str
    """The record's."""
    problem: str
    """How the target does not run what the record says; empty if it does."""


def compare(seen: Iterable[Seen], record: Record | None) -> list[Compared]:
    """Everything that was seen beside the record; sorted by service and place."""
    entries = record.services if record else {}
    return [
        Compared(
            seen=each,
            digest=entry.digest if entry else None,
            version=entry.version if entry else "",
            problem=problem_of(each, entry),
        )
        for each in sorted(seen, key=lambda each: (each.service, each.where))
        for entry in (entries.get(each.service),)
    ]


def problem_of(seen: Seen, entry: ServiceEntry | None) -> str:
    """How a place does not run what the record says; empty if it does.

    A service that was never deployed, and does not run, is no problem.
    """
    if entry is None:
        if seen.digest:
            return f"runs {short(seen.digest)}, and no record says so"
        return f"unknown: {seen.why}" if seen.state == "unknown" else ""
    parts = []
    if seen.digest is not None and seen.digest != entry.digest:
        parts.append(f"runs {short(seen.digest)}, and the record says {short(entry.digest)}")
    if not seen.well:
        parts.append(f"{seen.state}: {seen.why}" if seen.why else seen.state)
    elif seen.digest is None:
        parts.append("does not say what it runs")
    return "; ".join(parts)


def short(digest: str | None) -> str:
    """A digest as people compare it; - for none."""
    return digest[:_SHORT] if digest else "-"
