"""Waiting for AWS, whose parts learn of each other only later."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

from botocore.exceptions import ClientError

Result = TypeVar("Result")


def patiently(
    attempt: Callable[[], Result],
    codes: frozenset[str],
    seconds: float,
    cancelled: threading.Event,
    saying: tuple[str, ...] = (),
) -> Result:
    """The attempt's result; an error with one of `codes` is tried again for `seconds`.

    saying: where given, one of these must be in the error's text too.
    """
    end = time.monotonic() + seconds
    while True:
        try:
            return attempt()
        except ClientError as error:
            ours = error_code(error) in codes and (
                not saying or any(s in str(error) for s in saying)
            )
            if not ours or time.monotonic() >= end or cancelled.wait(0.5):
                raise


def error_code(error: ClientError) -> str:
    """AWS's code of the error, such as NoSuchBucket; a bare HTTP status for HEAD requests."""
    return str(error.response.get("Error", {}).get("Code", ""))
