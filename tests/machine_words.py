"""What a command prints on a machine of the local cloud, without SSM."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar
from uuid import uuid4

from localcloud.ec2.step_files import folder_of
from localcloud.place import Place

_PRINTING = 'file=$1; shift; exec "$@" > "$file" 2>&1'
T = TypeVar("T")


def container_of(place: Place, instance: str) -> str:
    """The name of a machine's container."""
    return f"slipway-{place.label}-{instance}"


def words_of(
    place: Place, instance: str, argv: Sequence[str], run: Callable[[list[str]], T]
) -> tuple[T, str]:
    """Runs a command by `run`, which takes an argv to the machine: what that gives back, and what
    the command said, which is nothing if it never began.

    Read as a file: on a busy machine Docker loses now and then all that a command printed.
    """
    name = f"said-{uuid4().hex}"
    ended = run(["sh", "-c", _PRINTING, "sh", f"{folder_of(instance)}/{name}", *argv])
    file = place.machine_steps(instance) / name
    said = file.read_text(errors="replace") if file.exists() else ""
    file.unlink(missing_ok=True)
    return ended, said
