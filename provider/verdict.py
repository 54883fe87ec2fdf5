"""One verdict for every target: what runs in the end, and why it is not what was asked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from release.json_document import json_of

Outcome = Literal["running", "completed", "put-back", "kept", "timed-out", "absent", "unknown"]
_GOOD = ("running", "completed", "scheduled")
_KEPT = "still runs"
_BACK = "put back to"


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What came of a rollout."""

    outcome: Outcome
    """running and completed (a job) are good; put-back: what ran before runs again; kept: nothing
    was switched; timed-out and unknown: what runs could not be found out; absent: nothing runs."""
    digest: str | None = None
    """What runs now, if it is known."""
    label: str = ""
    """What runs now in the target's own name, such as a revision."""
    why: str = ""
    """Why it is not what was asked for."""
    seconds: float = 0.0
    """How long was waited, where that ran out."""

    @property
    def good(self) -> bool:
        """Whether the asked digest runs, or has run to its end."""
        return self.outcome in _GOOD

    @property
    def words(self) -> str:
        """The verdict as a person reads it, the same for every target."""
        runs = " ".join(filter(None, (self.digest, f"({self.label})" if self.label else "")))
        start = {
            "put-back": f"{_BACK} {runs or 'what ran before'}",
            "kept": f"{_KEPT} {runs or 'what ran before'}",
            "timed-out": f"timed out after {self.seconds:g} s" if self.seconds else "timed out",
        }.get(self.outcome, self.outcome)
        if self.good and self.digest:
            start = f"{self.outcome} {self.digest}"
        return f"{start}: {self.why}" if self.why else start


def is_good(words: str) -> bool:
    """Whether a verdict in words says that the asked digest runs."""
    return words.split(" ", 1)[0] in _GOOD


def is_put_back(words: str) -> bool:
    """Whether a verdict in words says that what ran before runs again."""
    return words.startswith(_BACK)


def is_untouched(words: str) -> bool:
    """Whether a verdict in words says that nothing was switched."""
    return words.startswith(_KEPT)


def same_image(asked: str, found: str | None, children: Iterable[str]) -> bool:
    """Whether `found` is what was asked: the digest itself, or a manifest of that index.

    Targets that resolve an index report the manifest of their platform.
    """
    return found is not None and (found == asked or found in children)


def children_of(body: bytes) -> frozenset[str]:
    """The digests that an index lists; none for a single manifest.

    https://github.com/opencontainers/image-spec/blob/main/image-index.md
    """
    try:
        listed = json_of(body).get("manifests") or []
        return frozenset(str(each["digest"]) for each in listed)
    except (ValueError, AttributeError, KeyError, TypeError):
        return frozenset()
