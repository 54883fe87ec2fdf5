"""How far a version moves: what the messages of commits ask for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

Bump = Literal["major", "minor", "patch"]
BUMPS: tuple[Bump, ...] = ("patch", "minor", "major")


def bump_of(messages: Iterable[str]) -> Bump:
    """The bump that commit messages ask for: `[major]` or `[minor]` anywhere in one, else patch.

    The largest of all wins. The words count exactly as written here, in lower case: a
    marker that is typed otherwise is prose, and prose never makes a release larger.
    """
    found: Bump = "patch"
    for message in messages:
        if "[major]" in message:
            return "major"
        if "[minor]" in message:
            found = "minor"
    return found


def check_bump(word: str) -> Bump:
    """Gives the bump back if it is one; raises `ValueError` that says what is allowed."""
    for bump in BUMPS:
        if word == bump:
            return bump
    raise ValueError(f"{word[:60]!r} is not a bump; allowed: {', '.join(BUMPS)}")
