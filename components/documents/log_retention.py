"""How long CloudWatch keeps logs."""

from __future__ import annotations

# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
_YEARS = (365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)
RETENTIONS = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, *_YEARS)
"""The numbers of days that CloudWatch knows."""


def check_retention(days: int) -> int:
    """The number itself. Raises `ValueError` for one that CloudWatch doesn't know."""
    if days not in RETENTIONS:
        allowed = ", ".join(map(str, RETENTIONS))
        raise ValueError(f"{days} is no number of days that logs can be kept; allowed: {allowed}")
    return days
