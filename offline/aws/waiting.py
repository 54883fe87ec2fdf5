"""Waiting for AWS: states that take a while and rules that are visible only later."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

from botocore.exceptions import ClientError

Result = TypeVar("Result")


class WaitError(Exception):
    """What was waited for did not come, or the update was cancelled."""


def wait_until(
    ready: Callable[[], bool], what: str, timeout: float, cancelled: threading.Event
) -> None:
    """Asks twice a second until `ready` is true.

    timeout in seconds. Raises WaitError when it is over or the update is cancelled.
    """
    end = time.monotonic() + timeout
    while not ready():
        if time.monotonic() >= end:
            raise WaitError(f"{what}: not reached within {timeout:.0f} s")
        if cancelled.wait(0.5):
            raise WaitError(f"{what}: cancelled")


def patiently(
    attempt: Callable[[], Result],
    codes: frozenset[str],
    seconds: float,
    cancelled: threading.Event,
) -> Result:
    """The attempt's result; an error with one of `codes` is tried again for `seconds`."""
    end = time.monotonic() + seconds
    while True:
        try:
            return attempt()
        except ClientError as error:
            if error_code(error) not in codes or time.monotonic() >= end or cancelled.wait(0.5):
                raise


def error_code(error: ClientError) -> str:
    """AWS's code of the error, such as NoSuchBucket; a bare HTTP status for HEAD requests."""
    return str(error.response.get("Error", {}).get("Code", ""))
