"""Schedules of ECS's grammar, in systemd's words: one grammar for every target.

systemd.time(7) and systemd.timer(5) have systemd's side of it.
"""

from __future__ import annotations

import re

from components.documents.schedule import check_schedule

_DAYS = ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat")
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_RANGES = {"minutes": (0, 59), "hours": (0, 23), "days": (1, 31), "months": (1, 12)}


def timer_lines(schedule: str) -> str:
    """The lines of `[Timer]` that run a unit by a schedule.

    Raises `ValueError` for what AWS would refuse, and for L, W and # of its cron, which only
    EventBridge has.
    """
    check_schedule(schedule)
    words = schedule.partition("(")[2].rstrip(")").split(" ")
    if schedule.startswith("rate"):
        every = f"{words[0]}{words[1].rstrip('s')}"
        return f"OnActiveSec={every}\nOnUnitActiveSec={every}"
    minutes, hours, days, months, weekdays, years = words
    date = f"{_field('years', years, 1970, 2199)}-{_named('months', months)}-{_named('days', days)}"
    time = f"{_named('hours', hours)}:{_named('minutes', minutes)}:00"
    week = "" if weekdays in ("?", "*") else ",".join(_weekdays(weekdays)) + " "
    return f"OnCalendar={week}{date} {time} UTC"


def _named(name: str, text: str) -> str:
    for number, month in enumerate(_MONTHS, 1):
        text = re.sub(rf"\b{month}\b", str(number), text) if name == "months" else text
    return _field(name, text, *_RANGES[name])


def _field(name: str, text: str, least: int, most: int) -> str:
    if text in ("*", "?"):
        return "*"
    return ",".join(_part(name, each, least, most) for each in text.split(","))


def _part(name: str, text: str, least: int, most: int) -> str:
    found = re.fullmatch(r"(?:(\*)|([0-9]+)(?:-([0-9]+))?)(?:/([0-9]+))?", text)
    if not found:
        raise ValueError(f"{text!r} in {name} is not known on a host; allowed: numbers, * , - /")
    star, first, last, step = found.groups()
    begin, end = int(first or least), int(last or first or most)
    if not least <= begin <= end <= most or (step is not None and int(step) < 1):
        raise ValueError(f"{text!r} is not within {name}; allowed: {least} to {most}")
    if step is None:
        return "*" if star else (f"{begin}..{end}" if last else str(begin))
    return f"{begin}..{end}/{int(step)}" if last else f"{begin}/{int(step)}"


def _weekdays(text: str) -> list[str]:
    """AWS counts them from 1, which is Sunday, and lets a range go over the week's end."""
    days = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        begin, end = _weekday(first), _weekday(last or first)
        span = range(begin, end + 1 if end >= begin else end + 8)
        days += [_DAYS[each % 7] for each in span]
    return list(dict.fromkeys(days))


def _weekday(text: str) -> int:
    names = [day.upper() for day in _DAYS]
    if text in names:
        return names.index(text)
    if re.fullmatch("[1-7]", text):
        return int(text) - 1
    raise ValueError(f"{text!r} is no weekday on a host; allowed: 1 to 7 (1 is SUN), SUN to SAT")
