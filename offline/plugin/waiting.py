"""Waiting for states that take a while."""

import threading
import time
from collections.abc import Callable


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
