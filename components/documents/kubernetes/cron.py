"""When a cron job of Kubernetes runs."""

from __future__ import annotations

import re

_FIELDS = (
    ("minute", 0, 59),
    ("hour", 0, 23),
    ("day of the month", 1, 31),
    ("month", 1, 12),
    ("day of the week", 0, 7),
)
_PART = re.compile(r"(\*|(?P<first>\d{1,2})(-(?P<last>\d{1,2}))?)(/(?P<step>\d{1,2}))?", re.ASCII)


def check_cron(text: str) -> str:
    """The schedule itself. Raises `ValueError` for what the API would refuse, and for names.

    https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax
    """
    fields = text.split(" ")
    if len(fields) != len(_FIELDS):
        raise ValueError(f"{text!r} is not a schedule; allowed: five fields, like '*/5 * * * *'")
    for value, (name, least, most) in zip(fields, _FIELDS, strict=True):
        if not all(_fits(part, least, most) for part in value.split(",")):
            raise ValueError(
                f"{value!r} is no {name} of a schedule; allowed: *, {least} to {most}, lists (1,2),"
                " ranges (1-5), steps (*/5)"
            )
    return text


def _fits(part: str, least: int, most: int) -> bool:
    found = _PART.fullmatch(part)
    if found is None:
        return False
    first, last, step = found["first"], found["last"], found["step"]
    if step is not None and int(step) == 0:
        return False
    if first is None:
        return True
    end = int(last) if last is not None else int(first)
    return least <= int(first) <= end <= most
