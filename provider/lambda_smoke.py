"""The first call of a new version of a function, before anybody else calls it."""

from __future__ import annotations

import time
from collections.abc import Sequence

from clients import CancelledError, ClientError
from clients.aws import AwsError
from clients.lambda_invoke import Answered, invoke
from provider.lambda_inputs import LambdaInputs
from provider.lambda_put_back import Place
from provider.resource import Call

_PAUSE = 2.0  # seconds
# Refused before it began: any other call may have had effects, and is not repeated.
_LATER = ("TooManyRequestsException", "ResourceConflictException", "ResourceNotReadyException")


class StepError(ClientError):
    """A step of a rollout failed; `lines` has what the function answered and printed."""

    def __init__(self, why: str, lines: Sequence[str] = (), *, timed_out: bool = False) -> None:
        """`timed_out` is whether it was waited for until the deadline."""
        super().__init__(why)
        self.lines = lines
        self.timed_out = timed_out


def smoke(call: Call, place: Place, wanted: LambdaInputs, version: str, deadline: float) -> None:
    """Call a version with the smoke event. `deadline` is a moment of time.monotonic().

    Raises StepError if the function failed or did not answer in time, and CancelledError.
    """
    if call.cancelled.is_set():
        raise CancelledError("cancelled before the new version was called")
    call.status(f"calls version {version} with the smoke event")
    said = _called(call, place, wanted, version, deadline)
    if said.error:
        lines = [f"answer: {said.payload}", *(f"log: {line}" for line in said.log)]
        raise StepError(f"version {version} failed at the smoke event ({said.error})", lines)


def _called(
    call: Call, place: Place, wanted: LambdaInputs, version: str, deadline: float
) -> Answered:
    while True:
        left = max(1.0, deadline - time.monotonic())
        try:
            return invoke(place.access, place.function, version, wanted.smoke, left)
        except AwsError as error:
            if error.code not in _LATER or time.monotonic() > deadline:
                timed_out = not error.code
                raise StepError(f"the smoke event: {error}", timed_out=timed_out) from None
        if call.cancelled.wait(_PAUSE):
            raise CancelledError("cancelled while the new version was called")
