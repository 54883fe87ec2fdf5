"""MaxConcurrency and MaxErrors: numbers or percentages of the machines."""

import math

from localcloud.aws_error import AwsError


def share(text: str, total: int, least: int) -> int:
    """The number in text, or that percentage of total, but not below `least`."""
    digits = text.removesuffix("%")
    if not digits.isdigit():
        raise AwsError("ValidationException", f"{text!r} is neither a number nor a percentage")
    number = int(digits)
    return max(least, math.floor(total * number / 100) if text.endswith("%") else number)
