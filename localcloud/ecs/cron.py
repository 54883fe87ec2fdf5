"""Schedule expressions of EventBridge rules: rate(5 minutes) and cron(0 12 * * ? *), in UTC.

Amazon EventBridge User Guide, "Creating a rule that runs on a schedule". L, W and # are not known.
"""

import datetime
import re

RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
CRON = re.compile(r"cron\(([^)]*)\)")
SECONDS = {"minute": 60, "hour": 3600, "day": 86400}
MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
DAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]
RANGES = [(0, 59), (0, 23), (1, 31), (1, 12), (1, 7), (1970, 2199)]


def known(expression: str) -> bool:
    """Whether this cloud can tell when an expression is due."""
    if RATE.fullmatch(expression):
        return True
    try:
        due(expression, datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC), 0, 0)
    except ValueError:
        return False
    return True


def due(expression: str, now: datetime.datetime, began: float, last: float) -> bool:
    """Whether a rule that exists since `began` and ran `last` (epoch seconds) must run now.

    Raises ValueError for an expression that is not known.
    """
    rate = RATE.fullmatch(expression)
    if rate:
        seconds = int(rate[1]) * SECONDS[rate[2]]
        return now.timestamp() - max(began, last) >= seconds
    cron = CRON.fullmatch(expression)
    fields = cron[1].split() if cron else []
    if len(fields) != 6:
        raise ValueError(f"{expression!r} is neither rate(N minutes) nor cron(six fields)")
    minute = int(now.timestamp()) // 60
    if int(last) // 60 == minute or now.timestamp() < began:
        return False
    values = [now.minute, now.hour, now.day, now.month, now.isoweekday() % 7 + 1, now.year]
    return all(
        matches(field, value, limits)
        for field, value, limits in zip(fields, values, RANGES, strict=True)
    )


def matches(field: str, value: int, limits: tuple[int, int]) -> bool:
    """Whether a cron field includes a value; raises ValueError."""
    return any(part_matches(part, value, limits) for part in field.split(","))


def part_matches(part: str, value: int, limits: tuple[int, int]) -> bool:
    """Whether one part of a field, such as 1-5, */10 or MON, includes a value."""
    base, _, step = part.partition("/")
    if base in ("*", "?"):
        first, last = limits
    else:
        begin, dash, end = base.partition("-")
        first = numbered(begin, limits)
        last = numbered(end, limits) if dash else (limits[1] if step else first)
    return first <= value <= last and (not step or (value - first) % int(step) == 0)


def numbered(word: str, limits: tuple[int, int]) -> int:
    """A number or the name of a month or day; raises ValueError out of the field's range."""
    names = {(1, 12): MONTHS, (1, 7): DAYS}.get(limits, [])
    number = names.index(word.upper()) + 1 if word.upper() in names else int(word)
    if not limits[0] <= number <= limits[1]:
        raise ValueError(f"{word!r} is not within {limits[0]} to {limits[1]}")
    return number
