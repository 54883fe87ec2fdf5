"""Which words are versions: `v1.2.0`, `2025.03`, `0.1.30-dev`, `1.2.0-SNAPSHOT-7d2a1b0`."""

from __future__ import annotations

import re

_NUMBER = r"(?:0|[1-9][0-9]{0,8})"
_WORD = r"(?:0|[1-9][0-9]{0,8}|[0-9]*[A-Za-z-][0-9A-Za-z-]{0,40})"
SEMANTIC = re.compile(
    rf"v?{_NUMBER}\.{_NUMBER}\.{_NUMBER}(?:-{_WORD}(?:\.{_WORD}){{0,5}})?", re.ASCII
)
CALENDAR = re.compile(r"20[0-9]{2}\.(?:0[1-9]|1[0-2])(?:\.[1-9][0-9]{0,3})?", re.ASCII)
LONGEST = 60


def check_version(version: str) -> str:
    """Gives the version back if it is one; raises `ValueError` that says what is allowed."""
    fits = SEMANTIC.fullmatch(version) or CALENDAR.fullmatch(version)
    if not fits or len(version) > LONGEST:
        shown = version if len(version) <= LONGEST else version[:LONGEST] + "…"
        raise ValueError(
            f"{shown!r} is not a version; allowed: v1.2.0, 1.2.0, 1.2.0-rc.1, 0.1.30-dev, "
            f"2025.03 (at most {LONGEST} characters, no leading zeros)"
        )
    return version
