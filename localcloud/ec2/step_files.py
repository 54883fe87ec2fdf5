"""What the SSM agent writes down on a machine: the script of each step, and what it said.

The machine has these files where the real agent has them, and here they lie in the cloud's folder.
Docker's ways in and out of a running container don't do: what a command says that ends at once may
be lost, and each copied file mounts the machine's volumes again and leaves mounts behind, which
systemd goes through, one by one, for every unit that it starts.
"""

import os
from contextlib import suppress

from localcloud.place import Place

# A link or a pipe that a script put there would lead out of the machine, or be waited for.
_PLAIN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK


def folder_of(instance: str) -> str:
    """Where the agent of a machine keeps its steps, by its own setting `orchestrationRootDir`."""
    return f"/var/lib/amazon/ssm/{instance}/document/orchestration"


class StepFiles:
    """The files of one step."""

    def __init__(self, place: Place, instance: str, step: str) -> None:
        self._here = place.machine_steps(instance) / step
        self.folder = f"{folder_of(instance)}/{step}"
        """As the machine sees it."""

    def write_script(self, script: str) -> None:
        """For root's eyes only."""
        self._here.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = self._here / "_script.sh"
        file.touch(0o700)
        file.write_text(script)

    def said(self, name: str, limit: int) -> bytes:
        """The first bytes of `stdout` or `stderr`; none if the step never began.

        Raises OSError if the script has put something else there.
        """
        with suppress(FileNotFoundError):
            opened = os.open(self._here / name, _PLAIN)
            with os.fdopen(opened, "rb") as file:
                return file.read(limit) or b""
        return b""
