"""Whether what a scanner found in an image lets it be deployed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Severity = Literal["CRITICAL", "HIGH", "MEDIUM", "LOW", "INFORMATIONAL"]
ORDER: tuple[str, ...] = ("CRITICAL", "HIGH", "MEDIUM", "LOW", "INFORMATIONAL")
_NAMED = 5


@dataclass(frozen=True, kw_only=True)
class Flaw:
    """One finding."""

    name: str
    """Its public name, such as CVE-2024-3094."""
    severity: str
    """One of `ORDER`, or UNDEFINED and UNTRIAGED, which nobody has rated."""


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What is to be said of one image."""

    refused: tuple[Flaw, ...]
    """Worst first: as bad as the threshold or worse, and not accepted."""
    text: str
    """How many of which severity, and how many are accepted."""


def judge(flaws: Iterable[Flaw], threshold: str, accept: Iterable[str]) -> Judgement:
    """Which flaws refuse the image: those of `threshold` and worse that `accept` does not name."""
    found = sorted(set(flaws), key=lambda each: (_rank(each.severity), each.name))
    accepted = {each.name for each in found} & set(accept)
    refused = [
        each
        for each in found
        if _rank(each.severity) <= _rank(threshold) and each.name not in accepted
    ]
    counts = Counter(each.severity for each in found)
    words = [f"{counts[each]} {each.lower()}" for each in sorted(counts, key=_rank)]
    words += [f"{len(accepted)} of them accepted"] if accepted else []
    return Judgement(refused=tuple(refused), text=", ".join(words) or "nothing found")


def named(flaws: tuple[Flaw, ...]) -> str:
    """The first few by name and severity, and how many more."""
    shown = ", ".join(f"{each.name} ({each.severity.lower()})" for each in flaws[:_NAMED])
    return f"{shown} and {len(flaws) - _NAMED} more" if len(flaws) > _NAMED else shown


def _rank(severity: str) -> int:
    return ORDER.index(severity) if severity in ORDER else len(ORDER)
