"""Ids, times and plain text for records."""

from __future__ import annotations

import re
from datetime import UTC, datetime

# What moves a terminal's cursor or turns the direction of a line; inside of [ ].
CONTROL = "\\x00-\\x1f\\x7f-\\x9f\u2028-\u202e\u2066-\u2069"
_NOT_PLAIN = re.compile(f"[{CONTROL}\ud800-\udfff]")  # half a character can't be written at all


def new_id(commit: str, at: datetime, random: str) -> str:
    """A record's id; `random` is 6 hexadecimal digits."""
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}-{commit[:7]}-{random}"


def moment(at: datetime) -> str:
    """RFC 3339 in UTC, to the millisecond."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def plain(text: str, longest: int = 500) -> str:
    """The text as one line that a terminal shows as it is, cut to `longest` characters."""
    return _cut(_NOT_PLAIN.sub(" ", text).strip(), longest)


def plain_lines(text: str, longest: int = 4000) -> str:
    """The text without control characters other than line ends, cut to `longest` characters."""
    return _cut(harmless(text), longest)


def harmless(text: str) -> str:
    """The text as lines that a terminal shows as they are, whatever was put into it."""
    return "\n".join(_NOT_PLAIN.sub(" ", line) for line in text.split("\n"))


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"
