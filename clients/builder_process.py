"""One child process with a deadline, ended with its whole process group when it must be."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import IO

from clients import CancelledError, ClientError

_GRACE = 5.0  # seconds between the polite signal and the one that can't be ignored
_LOOK = 0.1  # seconds between looks at the clock and at the cancellation


class TooLongError(ClientError):
    """The process did not end within its time limit."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """When a process has to end."""

    seconds: float
    """Time limit."""
    cancelled: threading.Event
    """Set when the run is cancelled."""


def run_lines(
    argv: Sequence[str],
    *,
    environment: Mapping[str, str],
    stdin: IO[bytes] | None,
    limits: Limits,
    on_line: Callable[[str], None],
) -> int:
    """Run `argv`, hand each line of its stderr to `on_line`, and give back its exit code.

    Raises TooLongError or CancelledError after the whole process group has ended.
    """
    if limits.cancelled.is_set():
        raise CancelledError("cancelled before it began")
    process = subprocess.Popen(  # noqa: S603
        list(argv),
        env=dict(environment),
        stdin=stdin or subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    guard = _Guard(process, limits)
    guard.start()
    try:
        if process.stderr is not None:
            for line in process.stderr:
                on_line(line.decode(errors="replace").rstrip("\r\n"))
        code = process.wait()
    except BaseException:
        _end(process)
        raise
    finally:
        guard.stop()
        if process.stderr is not None:
            process.stderr.close()
    if guard.error is not None:
        raise guard.error
    return code


class _Guard(threading.Thread):
    """Watches the clock and the cancellation while another thread reads the output."""

    def __init__(self, process: subprocess.Popen[bytes], limits: Limits) -> None:
        super().__init__(daemon=True, name="build-guard")
        self._process = process
        self._limits = limits
        self._over = threading.Event()
        self.error: ClientError | None = None

    def run(self) -> None:
        deadline = time.monotonic() + self._limits.seconds
        while not self._over.wait(_LOOK):
            if self._limits.cancelled.is_set():
                self.error = CancelledError("cancelled; the build was stopped")
            elif time.monotonic() > deadline:
                self.error = TooLongError(
                    f"took longer than its limit of {self._limits.seconds:g} s and was stopped"
                )
            if self.error is not None:
                _end(self._process)
                return

    def stop(self) -> None:
        self._over.set()
        self.join()


def _end(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        process.wait(_GRACE)
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)  # also what the leader left behind
    process.wait()
