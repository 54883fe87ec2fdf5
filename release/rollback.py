"""When an update goes back, when a hold refuses one, and which hold it leaves behind."""

from __future__ import annotations

import re
from datetime import datetime

from release.record import Hold, Pointer
from release.record_text import moment, plain
from release.versions import is_older

UNASKED = "rolled back by pulumi up"
_OF_A_COMMIT = re.compile(r"(.+)-[0-9a-f]{7,40}")


def goes_back(current: Pointer | None, version: str | None, asked: str | None) -> bool:
    """Whether an update is a rollback: to an older version, or `asked` for by SLIPWAY_HOLD."""
    if asked:
        return True
    if current is None or current.version is None or version is None:
        return False
    return is_known_older(version, current.version)


def refusal(current: Pointer | None, version: str | None, asked: str | None) -> Hold | None:
    """The hold that refuses an update, or None: it may go on.

    The same version and an older one pass. Without versions nothing is known to be older, so any
    change is refused that is not itself a rollback.
    """
    if current is None or current.hold is None or asked:
        return None
    if current.version is None or version is None:
        return current.hold
    same_or_older = version == current.version or is_known_older(version, current.version)
    return None if same_or_older else current.hold


def hold_after(
    current: Pointer | None, version: str | None, asked: str | None, who: str, now: datetime
) -> Hold | None:
    """The hold that the pointer gets when it moves: a rollback's own, else the one it has."""
    if goes_back(current, version, asked):
        return Hold(who=who, why=plain(asked or UNASKED), since=moment(now), version=version)
    return current.hold if current else None


def is_known_older(version: str, current: str) -> bool:
    """Whether one version is older than another, as far as their kind can tell."""
    ends = [_OF_A_COMMIT.fullmatch(each) for each in (version, current)]
    if ends[0] and ends[1] and ends[0][1] == ends[1][1]:
        return False  # 1.2.0-SNAPSHOT-7d2a1b0: commits have no order in their digits
    try:
        return is_older(version, current)
    except ValueError:
        return False  # a stack may go from semantic to calendar versions, and no order tells more


def will_be_held(current: Pointer | None, version: str | None, asked: str | None) -> bool:
    """Whether the pointer has a hold after this update."""
    held = current is not None and current.hold is not None
    return held or goes_back(current, version, asked)


def foretell(current: Pointer | None, version: str | None, asked: str | None) -> str:
    """One line for a preview: what kind of update this is."""
    if current is None:
        return f"the first record of this stack{f': {version}' if version else ''}"
    now, then = current.version or current.record, version or "what was asked for"
    if goes_back(current, version, asked):
        return f"a rollback from {now} to {then}; newer updates are refused from then on"
    if version is None:
        return f"a change after {now}"
    return f"{version} again" if version == current.version else f"{version} after {now}"
