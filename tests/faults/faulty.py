"""A proxy that does to calls what it is told: answers in its own words, waits, loses the answer,
cuts the connection, gives other bytes."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.faults.proxy import Answer, LostError, Proxy

Change = Callable[[Callable[[], Answer]], Answer]
"""What is done to a call, which is passed on by the argument."""


@dataclass
class Fault:
    """What is done to the calls that fit."""

    where: str
    """A regular expression that a call begins with."""
    change: Change
    times: int
    skip: int = 0
    """How many that fit are let through before."""
    hits: int = 0


class FaultyProxy(Proxy):
    """Does to calls what it was told."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self._faults: list[Fault] = []

    def fault(self, where: str, change: Change, *, times: int = 1, skip: int = 0) -> Fault:
        """From now on: `change` to the next calls that begin as `where` says."""
        made = Fault(where=where, change=change, times=times, skip=skip)
        with self._lock:
            self._faults.append(made)
        return made

    def mend(self) -> None:
        """No more faults; calls are counted anew."""
        with self._lock:
            self._faults.clear()
            self.calls.clear()

    def handle(self, call: str, forward: Callable[[], Answer]) -> Answer:
        """Passed on as the fault wants it that fits."""
        with self._lock:
            self.calls.append(call)
            found = next(filter(None, (_takes(each, call) for each in self._faults)), None)
        return found(forward) if found else forward()


def _takes(fault: Fault, call: str) -> Change | None:
    if fault.hits >= fault.times or not re.match(fault.where, call):
        return None
    if fault.skip:
        fault.skip -= 1
        return None
    fault.hits += 1
    return fault.change


def answers(status: int, body: bytes = b"", **headers: str) -> Change:
    """Never passed on; answered so."""
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return lambda _: Answer(status, named, body)


def refused_by_aws(code: str, message: str, status: int = 400) -> Change:
    """An error of AWS's JSON services."""
    body = f'{{"__type": "{code}", "message": "{message}"}}'.encode()
    return answers(status, body, Content_Type="application/x-amz-json-1.1")


def refused_by_s3(code: str, message: str, status: int) -> Change:
    """An error of S3."""
    text = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    return answers(status, text.encode(), Content_Type="application/xml")


def dropped(_: Callable[[], Answer]) -> Answer:
    """Never passed on; the connection is reset."""
    raise LostError


def unanswered(forward: Callable[[], Answer]) -> Answer:
    """Done, but the answer is lost."""
    forward()
    raise LostError


def corrupted(forward: Callable[[], Answer]) -> Answer:
    """One bit of the answer is another one."""
    answer = forward()
    body = bytearray(answer.body)
    body[len(body) // 2] ^= 1
    return Answer(answer.status, answer.headers, bytes(body))


def at(act: Callable[[], object], *, answered: bool = False) -> Change:
    """Does something before the call, or (`answered`) after it and before its answer arrives."""

    def change(forward: Callable[[], Answer]) -> Answer:
        if answered:
            answer = forward()
            act()
            return answer
        act()
        return forward()

    return change


@dataclass
class Stop:
    """Where a call waits, for `at`."""

    arrived: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)

    def __call__(self) -> None:
        """Waits until it may go on."""
        self.arrived.set()
        assert self.go_on.wait(600)
