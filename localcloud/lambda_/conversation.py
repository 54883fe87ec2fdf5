"""What is said between Lambda and the runtime in one sandbox."""

import json
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

Failure = Callable[[str], bytes]
"""Request id to the payload that its invocation ends with."""


@dataclass(frozen=True, kw_only=True)
class Invocation:
    """One event for one runtime."""

    arn: str
    """The function's ARN as it was invoked."""
    event: bytes
    deadline: float
    """Seconds since the epoch."""
    id: str = field(default_factory=lambda: str(uuid.uuid4()))


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How an invocation ended."""

    payload: bytes
    error: bool = False
    fatal: bool = False
    """Whether the sandbox cannot be used again."""


class EndedError(Exception):
    """The sandbox has ended: nobody is left to talk to."""


class Conversation:
    """The runtime's side and Lambda's side of it; safe to use from many threads."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting = False
        self._event: Invocation | None = None
        self._current: Invocation | None = None
        self._outcome: Outcome | None = None
        self._failure: Failure | None = None
        self._ended = False

    def next(self) -> Invocation:
        """What the runtime gets for its next event; waits for it. Raises EndedError."""
        with self._changed:
            self._waiting, self._current = True, None
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._event is not None or self._ended)
            if self._event is None:
                raise EndedError
            self._current, self._event, self._waiting = self._event, None, False
            return self._current

    def answer(self, invocation: str, payload: bytes, *, error: bool) -> bool:
        """Takes the runtime's answer; False if that is not the invocation at hand."""
        with self._changed:
            if self._current is None or self._current.id != invocation or self._outcome:
                return False
            self._outcome = Outcome(payload=payload, error=error)
            self._changed.notify_all()
            return True

    def fail(self, payload: bytes) -> None:
        """Takes the runtime's word that it could not be initialized."""
        with self._changed:
            self._failure = lambda _: payload
            self._changed.notify_all()

    def end(self, reason: Failure) -> None:
        """The process is gone; `reason` is what an invocation without an answer gets."""
        with self._changed:
            self._ended = True
            if self._failure is None:
                self._failure = reason
            self._changed.notify_all()

    def ready(self, seconds: float) -> bool:
        """Whether the runtime waits for an event, or does so within these seconds."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._failure is not None, seconds)
            return self._waiting and self._failure is None

    @property
    def failed(self) -> bool:
        """Whether the runtime has failed or is gone."""
        return self._failure is not None

    def ask(self, invocation: Invocation) -> Outcome | None:
        """Hands an event over and waits for its end; None if its deadline passes before."""
        with self._changed:
            self._event, self._outcome = invocation, None
            self._changed.notify_all()
            self._changed.wait_for(self._over, max(0.0, invocation.deadline - time.time()))
            if self._outcome is not None:
                return self._outcome
            if self._failure is not None:
                payload = self._failure(invocation.id)
                return Outcome(payload=payload, error=True, fatal=True)
            return None

    def _over(self) -> bool:
        return self._outcome is not None or self._failure is not None


def problem(kind: str, message: str) -> Failure:
    """An error payload as Lambda itself writes it."""

    def payload(request: str) -> bytes:
        text = f"RequestId: {request} Error: {message}"
        return json.dumps({"errorType": kind, "errorMessage": text}).encode()

    return payload
