"""How a page writes times, spans, digests and counts."""

from __future__ import annotations

import re
from datetime import date, datetime

from release.notes import one_line

_DIGEST = re.compile(r"(?:sha256:)?([0-9a-f]{12})[0-9a-f]{52}")
_WEB = re.compile(r"https?://[A-Za-z0-9.-]+(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~:/?#@!$&*+,;=%-]*)?")
_LONGEST = 4000
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


def clean(value: object) -> object:
    """What a page may show of a text: no control, direction or other invisible character.

    Everything that a template prints goes through here, before it is escaped.
    """
    if type(value) is not str:
        return value
    edges = ["" if not value or edge.strip(" ") else " " for edge in (value[:1], value[-1:])]
    return one_line(value, _LONGEST).join(edges)


def day(at: date) -> str:
    """Such as Sat 21 Nov 2026, in English wherever it is made."""
    return f"{_DAYS[at.weekday()]} {at.day} {month(at)}"


def month(at: date) -> str:
    """Such as Nov 2026."""
    return f"{_MONTHS[at.month - 1]} {at.year}"


def minute(at: datetime) -> str:
    """Such as 2026-11-21 07:19, in the time's own zone, which is UTC everywhere here."""
    return f"{at:%Y-%m-%d %H:%M}"


def span(seconds: float) -> str:
    """A length of time, exact enough to compare."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = int(seconds)
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        return f"{whole // _MINUTE} min {whole % _MINUTE} s"
    if whole < 2 * _DAY:
        return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE} min"
    return f"{seconds / _DAY:.1f}".removesuffix(".0") + " days"


def ago(at: datetime, now: datetime) -> str:
    """How long before the page was made; the page itself does not age."""
    seconds = max((now - at).total_seconds(), 0.0)
    for unit, length in (("day", _DAY), ("hour", _HOUR), ("minute", _MINUTE)):
        if seconds >= length:
            return f"{count(int(seconds // length), unit)} ago"
    return "just now"


def count(number: int, what: str) -> str:
    """Such as 1 commit, 1,200 commits."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def short(digest: str) -> str:
    """The first 12 digits of a digest."""
    return digest.removeprefix("sha256:")[:12]


def shortened(text: str) -> str:
    """The text with its digests cut to 12 digits, as everywhere on the page."""
    return _DIGEST.sub(r"\1", text)


def without(text: str, digest: str) -> str:
    """A verdict beside its digest: that one is not said again, and others are cut."""
    return shortened(" ".join(text.replace(digest, "").split()))


def web(address: str) -> str | None:
    """The address if it is one that a link may lead to: http or https, without a login in it."""
    return address if _WEB.fullmatch(address) else None


def listed(names: tuple[str, ...], most: int = 8) -> str:
    """Names in a row; many are counted."""
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"
