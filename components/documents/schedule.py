"""When a scheduled task runs."""

from __future__ import annotations

import re

_RATE = re.compile(r"rate\((1 (minute|hour|day)|([2-9]|[1-9][0-9]{1,4}) (minutes|hours|days))\)")
_CRON = re.compile(r"cron\((?P<fields>[A-Z0-9*?/,#LW -]{11,100})\)")
_ALLOWED = (
    "rate(1 hour), rate(5 minutes), or cron(minutes hours day-of-month month day-of-week year) in "
    "UTC, with ? for the one of day-of-month and day-of-week that doesn't matter"
)


def check_schedule(text: str) -> str:
    """The schedule itself. Raises `ValueError` if EventBridge would not take it.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
    """
    if _RATE.fullmatch(text):
        return text
    found = _CRON.fullmatch(text)
    fields = found["fields"].split(" ") if found else []
    # AWS refuses values for both days, as they would be "and" for some and "or" for others.
    if len(fields) == 6 and all(fields) and (fields[2] == "?") != (fields[4] == "?"):
        return text
    raise ValueError(f"{text!r} is not a schedule; allowed: {_ALLOWED}")
