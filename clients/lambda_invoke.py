"""Calling one version of a function of AWS Lambda, and reading what it answered and printed."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

from clients.aws import AwsAccess, AwsError, new_client, translated
from clients.logs import clean
from release.record_text import plain

_MOST_ANSWER = 1000  # characters of a payload that are kept
_SLACK = 5.0  # seconds beyond the function's own limit


@dataclass(frozen=True, kw_only=True)
class Answered:
    """What came back."""

    error: str | None
    """Handled or Unhandled, where the function failed; AWS also says so of a time-out."""
    payload: str
    """The answer, cut and without control characters."""
    log: tuple[str, ...]
    """The last lines that it printed: Lambda sends at most 4 KB of them."""


def invoke(access: AwsAccess, name: str, version: str, event: str, seconds: float) -> Answered:
    """Call a version once, and wait at most `seconds` for its answer.

    Raises AwsError: with the code "" where no answer came in time.
    """
    doing = f"calling version {version} of the function {name}"
    with translated(doing):
        said = _patient(access, seconds + _SLACK).invoke(
            FunctionName=name,
            Qualifier=version,
            InvocationType="RequestResponse",
            LogType="Tail",
            Payload=event.encode(),
        )
        body = said["Payload"].read(_MOST_ANSWER * 4)
    if int(said.get("StatusCode", 200)) >= 300:
        raise AwsError(f"{doing}: the status {said['StatusCode']}")
    log = base64.b64decode(said.get("LogResult") or "").decode(errors="replace")
    return Answered(
        error=said.get("FunctionError") or None,
        payload=plain(body.decode(errors="replace"), _MOST_ANSWER),
        log=tuple(clean(log)),
    )


def _patient(access: AwsAccess, seconds: float) -> Any:
    """A client that waits for one answer and never asks twice: a call may have effects."""
    return new_client(access, "lambda", access.region, read_timeout=seconds, attempts=1)
