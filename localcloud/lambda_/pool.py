"""Warm sandboxes by build, kept for the next invocation."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from localcloud.aws_error import AwsError
from localcloud.lambda_.records import Function, Version
from localcloud.lambda_.sandbox import Sandbox

Launch = Callable[[Function, Version], Sandbox]
KEPT = 12
"""Idle sandboxes on this machine; AWS keeps more."""
MOST = 40
"""Sandboxes at once on this machine; AWS's default is 1000 for an account."""
IDLE_SECONDS = 600.0


class Pool:
    """Gives each invocation a sandbox of its own, and takes it back."""

    def __init__(self, launch: Launch) -> None:
        self._launch = launch
        self._lock = threading.Lock()
        self._idle: list[Sandbox] = []
        self._busy: list[Sandbox] = []
        self._starting: list[str] = []
        self._work = ThreadPoolExecutor(2, "lambda-freeze")

    def take(self, function: Function, version: Version) -> tuple[Sandbox, bool]:
        """A sandbox of a version, and whether it is a new one; raises AwsError."""
        found = self._reserve(function, version)
        if found is not None:
            found.thaw()
            return found, False
        try:
            made = self._launch(function, version)
        finally:
            with self._lock:
                self._starting.remove(function.arn)
        with self._lock:
            self._busy.append(made)
        return made, True

    def give_back(self, sandbox: Sandbox) -> None:
        """Keeps a sandbox frozen for the next invocation, or ends it if it is of no more use."""
        with self._lock:
            self._busy.remove(sandbox)
            usable = not (sandbox.retired or sandbox.conversation.failed)
            if usable:
                sandbox.used = time.monotonic()
                self._idle.append(sandbox)
            over = self._surplus()
        for each in over if usable else [*over, sandbox]:
            each.end()
        if usable and sandbox not in over:
            self._work.submit(self._freeze, sandbox)

    def retire(self, build: str) -> None:
        """Ends the sandboxes of a build, those in use after their invocation."""
        with self._lock:
            for each in self._busy:
                each.retired = each.retired or each.build == build
            over = [each for each in self._idle if each.build == build]
            self._idle = [each for each in self._idle if each.build != build]
        for each in over:
            each.end()

    def end_all(self) -> None:
        """Ends all sandboxes."""
        with self._lock:
            found, self._idle = [*self._idle, *self._busy], []
        for each in found:
            each.end()

    def _reserve(self, function: Function, version: Version) -> Sandbox | None:
        with self._lock:
            running = [*(each.function for each in self._busy), *self._starting]
            own = running.count(function.arn)
            if function.concurrency is not None and own >= function.concurrency:
                raise too_many("ReservedFunctionConcurrentInvocationLimitExceeded")
            # Its credentials are in its environment: they have to last for the whole run.
            needed = time.time() + version.settings.timeout
            for each in reversed(self._idle):
                lasting = each.expires > needed and not each.conversation.failed
                if each.build == version.build and lasting:
                    self._idle.remove(each)
                    self._busy.append(each)
                    return each
            if len(running) >= MOST:
                raise too_many("ConcurrentInvocationLimitExceeded")
            self._starting.append(function.arn)
            return None

    def _surplus(self) -> list[Sandbox]:
        """Takes out what is idle for too long, has died, or is too much."""
        now = time.monotonic()
        old = [s for s in self._idle if now - s.used > IDLE_SECONDS or s.conversation.failed]
        young = [s for s in self._idle if s not in old]
        over = [*old, *young[: max(0, len(young) - KEPT)]]
        self._idle = [s for s in self._idle if s not in over]
        return over

    def _freeze(self, sandbox: Sandbox) -> None:
        # It is to wait for its next event then, as on AWS, not to stop in the middle of asking.
        sandbox.conversation.ready(1.0)
        with self._lock:
            still = sandbox in self._idle
        if still:
            sandbox.freeze()
        with self._lock:
            taken = sandbox not in self._idle
        if taken:
            sandbox.thaw()


def too_many(reason: str) -> AwsError:
    """The refusal of an invocation that would be one too many."""
    return AwsError("TooManyRequestsException", f"Rate Exceeded. ({reason})", 429)
