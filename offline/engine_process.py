"""Daemons that outlive the command that started them, found again by pid file, stopped by pid."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from offline.setup_error import SetupError


@dataclass(frozen=True)
class Daemon:
    """One process of a state folder.

    `mark` is a word of its command line that no other process has: a pid file may be older than
    the boot, and its number may belong to somebody else now.
    """

    name: str
    pid_file: Path
    log: Path
    mark: str

    def pid(self) -> int | None:
        """The process id, if the process of the pid file lives and is this daemon."""
        try:
            pid = int(self.pid_file.read_text())
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except (OSError, ValueError):
            return None
        return pid if self.mark.encode() in words else None

    def start(self, argv: Sequence[str], answers: Callable[[], bool], seconds: float) -> int:
        """Starts it and gives its process id once it answers.

        Raises SetupError with the end of the log if it ends, or stays silent for `seconds`.
        """
        with self.log.open("ab") as output:
            process = subprocess.Popen(  # noqa: S603
                list(argv), stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                start_new_session=True,
            )  # fmt: skip
        self.pid_file.write_text(f"{process.pid}\n")
        deadline = time.monotonic() + seconds
        while not answers():
            if process.poll() is not None:
                self.pid_file.unlink(missing_ok=True)
                raise self._silent(f"ended with exit code {process.returncode}")
            if time.monotonic() > deadline:
                self.stop()
                raise self._silent(f"did not answer within {seconds:.0f} s")
            time.sleep(0.1)
        return process.pid

    def stop(self, seconds: float = 30) -> bool:
        """Ends the process, by force after `seconds`; tells whether there was one."""
        pid = self.pid()
        if pid is not None:
            os.kill(pid, signal.SIGTERM)
            deadline = time.monotonic() + seconds
            while self.pid() is not None:
                if time.monotonic() > deadline:
                    os.kill(pid, signal.SIGKILL)
                time.sleep(0.05)
        self.pid_file.unlink(missing_ok=True)
        return pid is not None

    def _silent(self, what: str) -> SetupError:
        lines = self.log.read_text(errors="replace").splitlines()[-5:]
        end = "\n".join(f"    {line[:200]}" for line in lines)
        return SetupError(f"{self.name} {what}. The end of its log, {self.log}:\n{end}")
