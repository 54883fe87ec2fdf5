"""One running copy of a version: a container, what is said with it and what it writes."""

import contextlib
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import docker.errors

from localcloud.containers.engine import Containers
from localcloud.lambda_.conversation import Conversation, Failure, problem
from localcloud.lambda_.output import Output
from localcloud.lambda_.runtime import Guests

KILLED = 137
KILOBYTES = 1024


@dataclass
class Sandbox:
    """Frozen while nothing is invoked in it, as Lambda's execution environments are."""

    function: str
    """The function's ARN."""
    build: str
    """The version's build: it serves no other."""
    conversation: Conversation
    output: Output
    expires: float
    """When its credentials are over, in seconds since the epoch."""
    containers: Containers
    guests: Guests
    container: str = ""
    address: str = ""
    pid: int = 0
    retired: bool = False
    """Whether it ends after the invocation at hand."""
    used: float = field(default_factory=time.monotonic)
    _frozen: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def watch(self) -> None:
        """Takes its output until it ends, then tells those who wait for it; runs in a thread."""
        with contextlib.suppress(docker.errors.APIError, OSError):
            self.output.follow(self.containers.output(self.container))
        self.guests.leave(self.address, self.conversation)
        self.conversation.end(self._reason())
        self.containers.remove(self.container)

    def freeze(self) -> None:
        """Stops its processes; what they were doing goes on when it is thawed."""
        self._pause(True)

    def thaw(self) -> None:
        """Lets its processes run on."""
        self._pause(False)

    def end(self) -> None:
        """Kills and removes it."""
        self.retired = True
        with self._lock:
            if self.container:
                self.containers.remove(self.container)

    def memory(self) -> int:
        """The most memory that its first process has used so far, in MB; 0 once it has ended.

        Not the engine's own figure: not every engine has one, and asking takes two seconds.
        """
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
                if line.startswith("VmHWM:"):
                    return max(1, int(line.split()[1]) // KILOBYTES)
        return 0

    def _pause(self, wanted: bool) -> None:
        with self._lock:
            if self._frozen == wanted or (wanted and self.retired):
                return
            act = self.containers.api.pause if wanted else self.containers.api.unpause
            with contextlib.suppress(docker.errors.APIError):
                act(self.container)
                self._frozen = wanted

    def _reason(self) -> Failure:
        state = self.containers.state(self.container)
        killed = state.exit_code in (KILLED, None)
        if state.out_of_memory:
            return problem("Runtime.OutOfMemory", "Runtime exited with error: signal: killed")
        if killed:
            return problem("Runtime.ExitError", "Runtime exited with error: signal: killed")
        if state.exit_code == 0:
            return problem("Runtime.ExitError", "Runtime exited without providing a reason")
        code = state.exit_code
        return problem("Runtime.ExitError", f"Runtime exited with error: exit status {code}")
