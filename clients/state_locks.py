"""The locks that Pulumi lays into a file backend, and whether their holders are provably dead.

`.pulumi/locks/organization/<project>/<stack>/<uuid>.json` holds pid, username, hostname, timestamp:
https://github.com/pulumi/pulumi/blob/master/pkg/backend/diy/lock.go
"""

from __future__ import annotations

import os
import socket
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from clients import ClientError
from release.json_document import json_of

_SLACK = 5.0  # seconds that a clock may be off between a process's start and its lock


@dataclass(frozen=True, kw_only=True)
class StateLock:
    """One lock, as its holder wrote it."""

    file: Path
    pid: int
    user: str
    host: str
    since: datetime

    @property
    def age(self) -> float:
        """Seconds since it was taken."""
        return max(0.0, time.time() - self.since.timestamp())


def read_locks(backend: Path, project: str, stack: str) -> list[StateLock]:
    """The locks of a stack, oldest first; `backend` is the folder that holds `.pulumi`.

    Raises ClientError for a lock file that is not one.
    """
    folder = backend / ".pulumi" / "locks" / "organization" / project / stack
    found = [_read(file) for file in sorted(folder.glob("*.json"))]
    return sorted((lock for lock in found if lock), key=lambda lock: lock.since)


def holder_is_dead(lock: StateLock) -> tuple[bool, str]:
    """Whether the holder is provably dead, and what proves it or stands against it."""
    here = socket.gethostname()
    if lock.host != here:
        return False, f"it was taken on {lock.host!r}, and this is {here!r}"
    if not Path("/proc/self/stat").exists():
        return _without_proc(lock)
    taken = lock.since.timestamp()
    starts = _starts(lock.pid)
    living = [start for start in starts if start <= taken + _SLACK]
    if living:
        return False, f"process {lock.pid} runs, since before the lock was taken"
    if starts:
        return True, f"process {lock.pid} is another one, started after the lock was taken"
    return True, f"there is no process {lock.pid} any more"


def break_lock(lock: StateLock) -> None:
    """Removes the lock; one that is gone already is no error."""
    lock.file.unlink(missing_ok=True)
    lock.file.with_name(f"{lock.file.name}.attrs").unlink(missing_ok=True)


def _read(file: Path) -> StateLock | None:
    try:
        said = json_of(file.read_bytes())
        return StateLock(
            file=file,
            pid=int(said["pid"]),
            user=str(said["username"]),
            host=str(said["hostname"]),
            since=_moment(str(said["timestamp"])),
        )
    except FileNotFoundError:  # its holder has just ended
        return None
    except (OSError, ValueError, KeyError, TypeError, OverflowError) as error:
        raise ClientError(
            f"{file} is no lock that this can read ({repr(error)[:200]}); see that no update "
            "runs, then `pulumi cancel`"
        ) from None


def _moment(text: str) -> datetime:
    # Go writes nanoseconds, which fromisoformat does not read.
    whole, _, rest = text.partition(".")
    zone = rest.lstrip("0123456789") if rest else ""
    moment = datetime.fromisoformat(whole + (zone or ("" if rest == "" else "+00:00")))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _starts(pid: int) -> list[float]:
    """When the processes known by this number began, in containers on this machine too (Unix)."""
    return [
        start
        for folder in Path("/proc").glob("[0-9]*")
        if (start := _start(folder, pid)) is not None
    ]


def _start(folder: Path, pid: int) -> float | None:
    try:
        if int(folder.name) != pid and pid not in _numbers(folder):
            return None
        # proc_pid_stat(5): after the name in parentheses field 3, the state, and so on.
        fields = (folder / "stat").read_text().rpartition(")")[2].split()
        state, ticks = fields[0], int(fields[19])  # 22: clock ticks since boot
    except (OSError, ValueError, IndexError):
        return None
    if state in "ZX":  # it has ended, and nobody has asked how
        return None
    boot = time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)
    return boot + ticks / os.sysconf("SC_CLK_TCK")


def _numbers(folder: Path) -> list[int]:
    for line in (folder / "status").read_text().splitlines():
        if line.startswith("NSpid:"):
            return [int(number) for number in line.split()[1:]]
    return []


def _without_proc(lock: StateLock) -> tuple[bool, str]:
    try:
        os.kill(lock.pid, 0)
    except ProcessLookupError:
        return True, f"there is no process {lock.pid} any more"
    except PermissionError:
        pass
    return False, f"a process {lock.pid} runs, and this system does not say since when"
