"""Lead times: how long each commit took to the stack that it reached. Pure, over a commit graph."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class CommitAt:
    """One commit of the history at hand."""

    made: datetime
    """Git's committer date."""
    parents: tuple[str, ...] = ()
    """The ids of its parents; those that are not at hand are no keys of the graph."""


Graph = Mapping[str, CommitAt]


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """What one deployment brought to a stack."""

    at: datetime
    """When it ended."""
    seconds: tuple[float, ...] | None
    """From each new commit to here; None if git can't say which commits were new."""


def arrivals(deployed: Iterable[tuple[str, datetime]], graph: Graph) -> list[Arrival]:
    """What each deployment (its commit, its end; oldest first) brought that none before had.

    The first one has nothing to be compared with, and the same goes for one whose commit, or that
    of the one before, is not at hand. A commit that is dated after its deployment is left out.
    """
    there: set[str] = set()
    compared = False
    found = []
    for commit, at in deployed:
        fresh = _new(commit, graph, there)
        known = commit in graph
        if known and compared:
            ages = ((at - graph[each].made).total_seconds() for each in fresh)
            seconds = tuple(sorted(age for age in ages if age >= 0))
            found.append(Arrival(at=at, seconds=seconds))
        else:
            found.append(Arrival(at=at, seconds=None))
        compared = known
    return found


def _new(commit: str, graph: Graph, there: set[str]) -> list[str]:
    """The commits that `commit` leads back to and that were not there; they are from now on."""
    fresh, waiting = [], [commit]
    while waiting:
        each = waiting.pop()
        if each in there or each not in graph:
            continue
        there.add(each)
        fresh.append(each)
        waiting.extend(graph[each].parents)
    return fresh
