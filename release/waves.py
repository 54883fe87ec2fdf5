"""How many hosts switch at once, and how many of them may fail, in the words of Run Command.

https://docs.aws.amazon.com/systems-manager/latest/userguide/send-commands-multiple.html
"""

from __future__ import annotations

import re
from collections.abc import Sequence

# Both as AWS has them:
# https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_SendCommand.html
_CONCURRENCY = re.compile(r"[1-9][0-9]{0,3}|[1-9][0-9]?%|100%")
_ERRORS = re.compile(r"0|[1-9][0-9]{0,3}|[0-9]%|[1-9][0-9]%|100%")


def check_concurrency(said: object) -> str:
    """A number of hosts from 1, or a percentage from 1%, as text. Raises `ValueError`."""
    return _check(said, _CONCURRENCY, "a number from 1 to 9999, or a percentage from 1% to 100%")


def check_errors(said: object) -> str:
    """A number of hosts from 0, or a percentage from 0%, as text. Raises `ValueError`."""
    return _check(said, _ERRORS, "a number from 0 to 9999, or a percentage from 0% to 100%")


def share(said: str, total: int, *, least: int = 0) -> int:
    """The number in `said`, or that percentage of `total`, rounded down but not below `least`."""
    digits = int(said.removesuffix("%"))
    return max(least, total * digits // 100 if said.endswith("%") else digits)


def waves(hosts: Sequence[str], concurrency: str, most: int) -> list[list[str]]:
    """The hosts in their order, so many at once as `concurrency` says, and never above `most`."""
    size = min(most, share(concurrency, len(hosts), least=1))
    return [list(hosts[start : start + size]) for start in range(0, len(hosts), size)]


def _check(said: object, grammar: re.Pattern[str], allowed: str) -> str:
    text = "" if isinstance(said, bool) else str(said)
    if not isinstance(said, int | str) or not grammar.fullmatch(text):
        raise ValueError(f"{said!r} is no share of a fleet; allowed: {allowed}")
    return text
