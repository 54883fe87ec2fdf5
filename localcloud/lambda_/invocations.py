"""Invokes versions: finds a sandbox, asks it, and writes START, END and REPORT."""

import datetime
import json
import math
import time
from dataclasses import dataclass

from localcloud.counters import Counters
from localcloud.lambda_.conversation import Invocation, Outcome, problem
from localcloud.lambda_.pool import Pool
from localcloud.lambda_.records import Function, Version
from localcloud.lambda_.refusals import in_state
from localcloud.lambda_.sandbox import Sandbox

INIT_SECONDS = 10.0
LARGEST = 6_291_556
"""Bytes of an answer (Lambda Developer Guide, "Lambda quotas")."""


@dataclass(frozen=True, kw_only=True)
class Result:
    """What an invocation gives."""

    payload: bytes
    error: bool
    """Whether the payload tells of an error of the function."""
    tail: bytes
    """The last 4 KB of what was logged."""
    version: str
    """The version that ran."""
    request: str


@dataclass(frozen=True, kw_only=True)
class Times:
    """How long it took, in milliseconds."""

    run: float
    init: float | None


class Invocations:
    """The one way to a function, for the API and for URLs."""

    def __init__(self, pool: Pool, counters: Counters) -> None:
        self._pool, self._counters = pool, counters

    def invoke(self, function: Function, version: Version, arn: str, event: bytes) -> Result:
        """Runs an event to its end; raises AwsError if nothing could be run at all."""
        self._counters.add("lambda_invocations")
        if version.state != "Active":
            raise in_state(version.state)
        sandbox, fresh = self._pool.take(function, version)
        try:
            return self._run(sandbox, fresh, version, arn, event)
        finally:
            self._pool.give_back(sandbox)

    def _run(
        self, sandbox: Sandbox, fresh: bool, version: Version, arn: str, event: bytes
    ) -> Result:
        timeout = version.settings.timeout
        begun = time.perf_counter()
        ready = sandbox.conversation.ready(INIT_SECONDS if fresh else 0)
        init = (time.perf_counter() - begun) * 1000 if fresh else None
        if not fresh:
            sandbox.output.begin()
        invocation = Invocation(arn=arn, event=event, deadline=time.time() + timeout)
        if not ready and fresh:
            status = "error" if sandbox.conversation.failed else "timeout"
            sandbox.output.say(f"INIT_REPORT Init Duration: {init:.2f} ms\tPhase: init\t"
                               f"Status: {status}")  # fmt: skip
        sandbox.output.say(f"START RequestId: {invocation.id} Version: {version.number}")
        begun = time.perf_counter()
        outcome = sandbox.conversation.ask(invocation)
        times = Times(run=(time.perf_counter() - begun) * 1000, init=init)
        sandbox.output.settle()
        return self._report(sandbox, version, invocation, outcome, times)

    def _report(
        self,
        sandbox: Sandbox,
        version: Version,
        invocation: Invocation,
        outcome: Outcome | None,
        times: Times,
    ) -> Result:
        status = ""
        used = min(sandbox.memory(), version.settings.memory)
        if outcome is None:
            outcome = self._timed_out(sandbox, version, invocation)
            status = "Status: timeout\t"
        elif outcome.fatal:
            sandbox.retired = True
            status = f"Status: error\tError Type: {error_type(outcome.payload)}\t"
        elif len(outcome.payload) > LARGEST:
            outcome = Outcome(payload=too_large(len(outcome.payload)), error=True)
        init = f"Init Duration: {times.init:.2f} ms\t" if times.init is not None else ""
        sandbox.output.say(
            f"END RequestId: {invocation.id}",
            f"REPORT RequestId: {invocation.id}\tDuration: {times.run:.2f} ms\t"
            f"Billed Duration: {math.ceil(times.run + (times.init or 0))} ms\t"
            f"Memory Size: {version.settings.memory} MB\tMax Memory Used: {used} MB\t"
            f"{init}{status}",
        )
        return Result(
            payload=outcome.payload,
            error=outcome.error,
            tail=sandbox.output.tail(),
            version=version.number,
            request=invocation.id,
        )

    def _timed_out(self, sandbox: Sandbox, version: Version, invocation: Invocation) -> Outcome:
        sandbox.end()
        said = f"Task timed out after {version.settings.timeout:.2f} seconds"
        moment = f"{datetime.datetime.now(datetime.UTC):%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z"
        sandbox.output.say(f"{moment} {invocation.id} {said}")
        payload = problem("Sandbox.Timedout", said)(invocation.id)
        return Outcome(payload=payload, error=True, fatal=True)


def error_type(payload: bytes) -> str:
    """The errorType of an error's payload."""
    try:
        value = json.loads(payload)
    except ValueError:
        return "Runtime.Unknown"
    known = isinstance(value, dict) and value.get("errorType")
    return str(known or "Runtime.Unknown")


def too_large(size: int) -> bytes:
    """What the caller gets in the place of an answer that is too large."""
    message = (
        f"Response payload size ({size} bytes) exceeded maximum allowed payload size "
        f"({LARGEST} bytes)."
    )
    value = {"errorType": "Function.ResponseSizeTooLarge", "errorMessage": message}
    return json.dumps(value).encode()
