"""What hosts made of a deploy: read from the last line of their output and judged by digest."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from clients.logs import neutral
from clients.ssm import LOST, Invocation
from provider.verdict import Outcome, Verdict
from release.json_document import json_of
from release.record_text import plain

_LAST_OUT = 90  # lines: the container's log and the unit's journal, about 40 each
_LAST_ERR = 15
_LONGEST_LINE = 500  # characters
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_PLAIN = {
    "TimedOut": "its agent did not take the command in time",
    "DeliveryTimedOut": "its agent did not take the command in time",
    "ExecutionTimedOut": "the document's own time limit ended it",
    "Undeliverable": "the command could not be delivered",
    "Terminated": "Systems Manager ended it",
    "Cancelled": "the command was cancelled",
    "InvalidPlatform": "the document is not for its operating system",
    "AccessDenied": "this login may not run the document there",
    LOST: "Systems Manager took the command twice, and knows nothing of it there",
}


@dataclass(frozen=True, kw_only=True)
class HostVerdict:
    """One host's answer. Judged by what it runs, not by the exit code alone."""

    instance: str
    outcome: str
    """running, put-back, failed, absent, changed (the host's own words), timed-out, no-answer, or
    waiting: it was not begun."""
    digest: str | None
    version: str | None
    detail: str
    seconds: Mapping[str, float] = field(default_factory=dict)
    lines: tuple[str, ...] = ()
    """The last lines that it printed."""

    def runs(self, digest: str) -> bool:
        """Whether it runs (or, a job, has run) that digest."""
        return self.outcome == "running" and self.digest == digest


def verdict(done: Invocation, service: str) -> HostVerdict:
    """The verdict of one host on one service, from the end of its command."""
    lines = [line for line in done.stdout.splitlines() if line.strip()]
    said = _object(lines[-1]) if lines else None
    if said is None or said.get("service") != service:
        return HostVerdict(
            instance=done.instance,
            outcome="timed-out" if done.running else "no-answer",
            digest=None,
            version=None,
            detail=_without_words(done),
            lines=_tail(lines, done.stderr),
        )
    outcome, digest = plain(str(said.get("outcome")), 40), said.get("digest")
    if outcome == "running" and done.status != "Success":
        outcome = "failed"
    return HostVerdict(
        instance=done.instance,
        outcome=outcome,
        digest=digest if isinstance(digest, str) and _DIGEST.fullmatch(digest) else None,
        version=plain(str(said.get("version") or ""), 128) or None,
        detail=plain(str(said.get("detail") or ""), 1000),
        seconds=_seconds(said.get("seconds")),
        lines=_tail(lines[:-1], done.stderr),
    )


def has_verdict(text: str, service: str) -> bool:
    """Whether an output ends with the verdict on that service."""
    lines = [line for line in text.splitlines() if line.strip()]
    said = _object(lines[-1]) if lines else None
    return said is not None and said.get("service") == service


def report(
    headline: str, wanted: str, verdicts: Iterable[HostVerdict], restored: Mapping[str, str]
) -> str:
    """The error of a rollout that failed: per host what it runs now, why, and what it printed."""
    texts = [headline]
    for each in verdicts:
        texts += [_told(each, wanted, restored), *(f"    {line}" for line in each.lines)]
    return "\n".join(texts)


def brief(
    headline: str, wanted: str, verdicts: Iterable[HostVerdict], restored: Mapping[str, str]
) -> str:
    """The same without what was printed, which may hold more than a record should."""
    told = (_told(each, wanted, restored) for each in verdicts)
    return "\n".join([headline, *told])


def judged(each: HostVerdict, wanted: str) -> Verdict:
    """One host's answer in the words that all targets share."""
    if each.runs(wanted):
        return Verdict(outcome="running", digest=each.digest)
    if each.outcome in ("timed-out", "no-answer"):
        outcome: Outcome = "timed-out" if each.outcome == "timed-out" else "unknown"
        return Verdict(outcome=outcome, why=f"what it runs is not known: {each.detail}")
    if each.digest is None:
        return Verdict(outcome="absent", why=each.detail)
    outcome = "put-back" if each.outcome == "put-back" else "kept"
    return Verdict(outcome=outcome, digest=each.digest, why=each.detail)


def overall(wanted: str, first: Iterable[HostVerdict], now: Iterable[HostVerdict]) -> Verdict:
    """What came of a rollout that failed: why at `first`, and what runs `now` on all hosts."""
    whys = [f"{e.instance}: {e.detail or e.outcome}" for e in first if not e.runs(wanted)]
    hosts = [judged(each, wanted) for each in now]
    why, digests = "; ".join(whys), {each.digest for each in hosts}
    outcomes = {each.outcome for each in hosts}
    if outcomes & {"timed-out", "unknown", "running"} or len(digests) != 1:
        lost: Outcome = "timed-out" if "timed-out" in outcomes else "unknown"
        return Verdict(outcome=lost, why=why or "the hosts run different images")
    digest = digests.pop()
    return Verdict(outcome="put-back" if digest else "absent", digest=digest, why=why)


def _told(each: HostVerdict, wanted: str, restored: Mapping[str, str]) -> str:
    if each.runs(wanted) and each.outcome != "waiting":
        back = restored.get(each.instance, "unknown")
        return f"{each.instance}: had switched; {back}"
    text = f"{each.instance}: {judged(each, wanted).words}"
    if each.instance in restored:
        text += f"; then {restored[each.instance]}"
    return text


def _seconds(said: object) -> dict[str, float]:
    """Times that are finite numbers; a host may say anything."""
    pairs = said.items() if isinstance(said, dict) else ()
    return {
        plain(str(step), 60): float(took)
        for step, took in pairs
        if isinstance(took, int | float) and math.isfinite(took)
    }


def _object(line: str) -> dict[str, Any] | None:
    try:
        said = json_of(line)
    except ValueError:
        return None
    return said if isinstance(said, dict) and said.get("slipway") == 1 else None


def _without_words(done: Invocation) -> str:
    if done.running:
        return f"it was still {done.status} at the deadline, and the command was cancelled"
    known = _PLAIN.get(done.status)
    if known:
        return known
    return f"the script ended with {done.status}, exit code {done.code}, and without its verdict"


def _tail(lines: list[str], stderr: str) -> tuple[str, ...]:
    errors = [line for line in stderr.splitlines() if line.strip()]
    last = (*lines[-_LAST_OUT:], *errors[-_LAST_ERR:])
    return tuple(neutral(line, _LONGEST_LINE) for line in last)
