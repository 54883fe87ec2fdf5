"""Runs one long command: output into a log, a line on the screen every ten seconds."""

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from offline.setup_error import SetupError

Word = str | Path

EVERY_SECONDS = 10.0
PAUSES = (5.0, 20.0)
"""Seconds before a download is begun again."""
DISK_FULL = "No space left on device"
NO_NETWORK = (
    "Temporary failure in name resolution",
    "Could not resolve",
    "Network is unreachable",
    "no such host",
    "i/o timeout",
    "Connection refused",
    "connection refused",
    "Failed to establish a new connection",
    "Couldn't download",
)


def run(
    what: str,
    argv: Sequence[Word],
    log: Path,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> None:
    """Runs argv to its end; raises SetupError with the end of the log if it fails."""
    log.parent.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603
            [str(word) for word in argv],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(env or {})},
            cwd=cwd,
        )
        try:
            code = _wait(process, what, log, started)
        except BaseException:
            process.terminate()
            process.wait()
            raise
    if code != 0:
        raise SetupError(failure(what, code, log))


def fetch(
    what: str,
    argv: Sequence[Word],
    log: Path,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> None:
    """As `run`, for what downloads: begun again, since a mirror may be late or not answer at once.

    Only what may be begun again without harm. Raises SetupError with the last run's end.
    """
    for pause in PAUSES:
        try:
            return run(what, argv, log, env, cwd)
        except SetupError:
            lines = _lines(log)
            if DISK_FULL in "\n".join(lines):
                raise
            last = (lines or [""])[-1][:150]
            print(f"    {what}: failed, again in {pause:.0f} s  {last}", flush=True)
            time.sleep(pause)
    return run(what, argv, log, env, cwd)


def failure(what: str, code: int, log: Path) -> str:
    """The message for a command that failed: its last lines, and what to do."""
    lines = _lines(log)
    text = "\n".join(lines)
    way_out = "Run `make setup` again: it goes on where it stopped."
    if DISK_FULL in text:
        way_out = "The disk is full: free some, or set SLIPWAY_CACHE to a folder on a larger disk."
    elif any(sign in text for sign in NO_NETWORK):
        way_out = "The network doesn't answer: see to it (a proxy?), then run `make setup` again."
    shown = "\n".join(f"    {line[:200]}" for line in lines[-6:])
    return f"{what} failed with exit code {code}. The end of its log, {log}:\n{shown}\n  {way_out}"


def _wait(process: subprocess.Popen[bytes], what: str, log: Path, started: float) -> int:
    while True:
        try:
            return process.wait(EVERY_SECONDS)
        except subprocess.TimeoutExpired:
            last = (_lines(log) or [""])[-1][:70]
            print(f"    {what}: {time.monotonic() - started:.0f} s  {last}", flush=True)


def _lines(log: Path) -> list[str]:
    text = log.read_bytes()[-8192:].decode(errors="replace").replace("\r", "\n")
    return [line.strip() for line in text.splitlines() if line.strip()]
