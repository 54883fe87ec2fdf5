"""Durations as Go writes them: 1m30s, 500ms."""

import re

_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
_PART = re.compile(r"(\d+(?:\.\d+)?)(h|ms|m|s|us|µs|ns)")


def nanoseconds(text: str) -> int:
    """What the API counts in. Raises ValueError for a text that is no duration."""
    if text in ("", "0"):
        return 0
    if not re.fullmatch(f"(?:{_PART.pattern})+", text):
        raise ValueError(f"'{text}' is no duration; allowed: such as 5s, 500ms, 1m30s")
    return round(sum(float(n) * _SECONDS[unit] for n, unit in _PART.findall(text)) * 1e9)


def written(count: int) -> str:
    """Nanoseconds as a duration: whole seconds, or milliseconds."""
    return f"{count // 10**9}s" if count % 10**9 == 0 else f"{count / 10**6:g}ms"


def same_duration(want: object, have: object) -> bool:
    """Whether 60s and 1m are meant."""
    try:
        return nanoseconds(str(want or "0s")) == nanoseconds(str(have or "0s"))
    except ValueError:
        return want == have
