"""Processes that outlive the command that started them, found again by pid file."""

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from localcloud.problem import CloudError


def start(argv: Sequence[str], pid_file: Path, mark: str, log: Path, env: Mapping[str, str]) -> int:
    """Starts argv detached, its output appended to log; gives its process id.

    `mark` is the word of argv by which `running` knows the process again.
    """
    pid_file.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603
            list(argv),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env=dict(env),
        )
    pid_file.write_text(f"{process.pid}\n")
    # For a moment after exec a process has no command line yet.
    while running(pid_file, mark) is None and process.poll() is None:
        time.sleep(0.005)
    return process.pid


def running(pid_file: Path, mark: str) -> int | None:
    """The process id in the file, if that process lives and has `mark` in its command line.

    The mark guards against a process id that the system has given to somebody else.
    """
    try:
        pid = int(pid_file.read_text())
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, ValueError, IndexError):
        return None
    return pid if mark.encode() in words and state != "Z" else None


def stop(pid_file: Path, mark: str, seconds: float = 10) -> bool:
    """Ends the process of the file, by force after `seconds`; tells whether there was one."""
    pid = running(pid_file, mark)
    if pid is not None:
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + seconds
        while running(pid_file, mark) is not None:
            if time.monotonic() > deadline:
                os.kill(pid, signal.SIGKILL)
            time.sleep(0.02)
    pid_file.unlink(missing_ok=True)
    return pid is not None


def listener(port: int) -> str:
    """Who listens on a TCP port of this machine: "pid 12 (nginx)", else "an unknown process"."""
    inode = _listening_inode(port)
    for link in Path("/proc").glob("[0-9]*/fd/*") if inode else ():
        try:
            found = os.readlink(link) == f"socket:[{inode}]"
        except OSError:
            continue
        if found:
            pid = link.parts[2]
            return f"pid {pid} ({Path(f'/proc/{pid}/comm').read_text().strip()})"
    return "an unknown process"


def _listening_inode(port: int) -> str | None:
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            lines = Path(table).read_text().splitlines()[1:]
        except OSError:
            continue
        for fields in (line.split() for line in lines):
            if fields[3] == "0A" and int(fields[1].rpartition(":")[2], 16) == port:
                return fields[9]
    return None


def occupied(port: int, variable: str) -> CloudError:
    """The message for a port that somebody else listens on."""
    return CloudError(
        f"port {port} of 127.0.0.1 is occupied by {listener(port)}; "
        f"stop it, or choose another port with {variable}"
    )


def crash(pid_file: Path, mark: str) -> bool:
    """Kills it as a crash would, and waits for its end; whether it ran."""
    pid = running(pid_file, mark)
    if pid is None:
        return False
    os.kill(pid, signal.SIGKILL)
    while running(pid_file, mark):
        time.sleep(0.02)
    return True


def stays(pid_file: Path, mark: str, seconds: float = 2) -> bool:
    """Whether it still runs after these seconds; waits no longer than it runs."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if running(pid_file, mark) is None:
            return False
        time.sleep(0.1)
    return True
