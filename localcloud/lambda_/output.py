"""What a sandbox writes: to CloudWatch Logs, and its end to who asks for it."""

import threading
import time
from collections.abc import Iterable, Sequence

from moto.logs.models import logs_backends

from localcloud.calls.checkpoint import ask
from localcloud.containers.logs import LogError, LogStream
from localcloud.iam.roles import find_role
from localcloud.lambda_.records import Function, Version

TAIL_BYTES = 4096
QUIET_SECONDS = 0.02
LONGEST_WAIT = 0.3


class Output:
    """The lines of one sandbox, in one log stream."""

    def __init__(self, log: LogStream | None) -> None:
        self._log = log
        self._lock = threading.Lock()
        self._tail = b""
        self._rest = b""
        self._last = 0.0

    def begin(self) -> None:
        """Forgets what earlier invocations wrote."""
        with self._lock:
            self._tail = b""

    def say(self, *lines: str) -> None:
        """Lambda's own lines; an unfinished one of the function comes before them."""
        with self._lock:
            self._keep([*([self._rest] if self._rest else []), *(each.encode() for each in lines)])
            self._rest = b""

    def follow(self, chunks: Iterable[bytes]) -> None:
        """Takes the function's own output until it ends."""
        for chunk in chunks:
            with self._lock:
                *whole, self._rest = (self._rest + chunk).split(b"\n")
                self._keep([line.rstrip(b"\r") for line in whole])
                self._last = time.monotonic()

    def settle(self) -> None:
        """Waits until what the function has written so far should have arrived."""
        begun = time.monotonic()
        while time.monotonic() - begun < LONGEST_WAIT:
            if time.monotonic() - max(self._last, begun) >= QUIET_SECONDS:
                return
            time.sleep(QUIET_SECONDS / 4)

    def tail(self) -> bytes:
        """The last 4 KB since begin()."""
        with self._lock:
            return self._tail[-TAIL_BYTES:]

    def _keep(self, lines: Sequence[bytes]) -> None:
        self._tail = (self._tail + b"".join(line + b"\n" for line in lines))[-2 * TAIL_BYTES :]
        if self._log is not None:
            self._log.write(lines)


def open_log(function: Function, version: Version, stream: str) -> LogStream | None:
    """The stream that a sandbox writes to; None if the function's role may not.

    Lambda writes with the rights of the role (Lambda Developer Guide, "Sending Lambda function
    logs to CloudWatch Logs"): without them its logs are lost, and nothing says so.
    """
    group = version.settings.log_group
    role = find_role(version.settings.role)
    arn = f"arn:aws:logs:{function.region}:{function.account}:log-group:{group}"
    if role is None:
        return None
    writes = ("logs:CreateLogStream", "logs:PutLogEvents")
    own, made = (
        f"{arn}:log-stream:{stream}",
        group in logs_backends[function.account][function.region].groups,
    )
    if not all(ask(role, action, own, session=function.name) for action in writes):
        return None
    # Lambda makes the group only where it isn't there.
    creates = not made and ask(role, "logs:CreateLogGroup", f"{arn}:log-stream:")
    try:
        return LogStream(function.account, function.region, group, stream, create=creates)
    except LogError:
        return None
