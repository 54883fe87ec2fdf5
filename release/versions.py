"""Which words are versions (`v1.2.0`, `2025.03`, `0.1.30-dev`, `1.2.0-SNAPSHOT-7d2a1b0`), which of
two is older, and which comes next."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import total_ordering

from semver import Version

from release.bump import Bump

_NUMBER = r"(?:0|[1-9][0-9]{0,8})"
_WORD = r"(?:0|[1-9][0-9]{0,8}|[0-9]*[A-Za-z-][0-9A-Za-z-]{0,40})"
_CORE = rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}"
PLAIN = re.compile(_CORE, re.ASCII)
SEMANTIC = re.compile(rf"v?{_CORE}(?:-{_WORD}(?:\.{_WORD}){{0,5}})?", re.ASCII)
CALENDAR = re.compile(r"20[0-9]{2}\.(?:0[1-9]|1[0-2])(?:\.[1-9][0-9]{0,3})?", re.ASCII)
LONGEST = 60
FIRST = "0.1.0"


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


@total_ordering
@dataclass(frozen=True, kw_only=True)
class Order:
    """The place of a version among others of its kind."""

    version: str
    """The version as it was given."""
    place: Version | tuple[int, ...]
    """SemVer's precedence (a leading v is no part of it), or the numbers of a calendar version."""

    def __eq__(self, other: object) -> bool:
        """Whether neither goes before the other: `v1.2.0` and `1.2.0` have one place."""
        if not isinstance(other, Order) or type(self.place) is not type(other.place):
            return False
        return self.place == other.place

    def __hash__(self) -> int:
        """One hash a place."""
        return hash(str(self.place))

    def __lt__(self, other: Order) -> bool:
        """Whether this one is older. Raises `ValueError` for two versions of different kinds."""
        if isinstance(self.place, Version) and isinstance(other.place, Version):
            return bool(self.place < other.place)
        if isinstance(self.place, tuple) and isinstance(other.place, tuple):
            return self.place < other.place
        raise ValueError(
            f"{self.version!r} and {other.version!r} cannot be put in order: one is a calendar "
            "version, the other a semantic one; keep to one kind in a stack"
        )


def order(version: str) -> Order:
    """A sort key. Raises `ValueError` for a word that is no version, and, when calendar and
    semantic versions are compared, then."""
    if CALENDAR.fullmatch(check_version(version)):
        return Order(version=version, place=tuple(int(number) for number in version.split(".")))
    return Order(version=version, place=Version.parse(version.removeprefix("v")))


def is_older(a: str, b: str) -> bool:
    """Whether `a` goes before `b`. Raises `ValueError` as `order` does."""
    return order(a) < order(b)


def is_plain(version: str) -> bool:
    """Whether it is X.Y.Z and nothing more: what is counted up in a registry."""
    return bool(PLAIN.fullmatch(version))


def latest_plain(versions: Iterable[str]) -> str | None:
    """The newest of the plain versions among these words, by numbers (1.10.0 is after 1.9.0)."""
    return max(filter(is_plain, versions), key=order, default=None)


def bumped(latest: str | None, bump: Bump) -> str:
    """The version after `latest`, a plain one; the first of all is 0.1.0, whatever the bump.

    Raises `ValueError` if `latest` is not X.Y.Z or a number would grow past 9 digits.
    """
    if latest is None:
        return FIRST
    if not is_plain(latest):
        raise ValueError(f"{latest[:LONGEST]!r} cannot be counted up; allowed: X.Y.Z, say 1.2.0")
    return check_version(str(Version.parse(latest).next_version(part=bump)))


def next_suffixed(tags: Iterable[str], suffix: str) -> str:
    """The version after the newest X.Y.Z-<suffix> of these tags: its patch number plus one; the
    first is 0.1.0-<suffix>. Raises `ValueError` for a suffix that no version can have."""
    check_version(f"{FIRST}-{suffix}")
    ends = [tag.removesuffix(f"-{suffix}") for tag in tags if tag.endswith(f"-{suffix}")]
    latest = latest_plain(ends)
    return f"{bumped(latest, 'patch')}-{suffix}"


def check_suffixed(version: str, suffix: str) -> str:
    """Gives the version back if it is X.Y.Z-<suffix>; raises `ValueError` that says what it is."""
    if not version.endswith(f"-{suffix}"):
        raise ValueError(
            f"Version must end with -{suffix}, and {version[:LONGEST]!r} does not; "
            f"allowed: X.Y.Z-{suffix}, say 0.1.30-{suffix}"
        )
    if not is_plain(version.removesuffix(f"-{suffix}")):
        raise ValueError(
            f"{version[:LONGEST]!r} is not a version of this kind; "
            f"allowed: X.Y.Z-{suffix}, say 0.1.30-{suffix} (no v, no leading zeros)"
        )
    return check_version(version)
