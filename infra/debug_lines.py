"""What Pulumi's SDK says for `pulumi --debug`, sent in parcels.

The SDK tells the engine of each step of each resource by a call of its own, and waits for the
answer before it goes on: five calls for every resource of a program, though the engine throws the
lines away unless somebody asked for them. Nothing tells a program whether somebody did.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pulumi

_PARCEL = 500
# What the SDK says when a program has ended, and before it goes down: nothing may wait then.
_LAST = ("run_pulumi_func completed", "RPC failed", "exception when", "Traceback")


class DebugLines:
    """Lines that wait for others. Safe in threads."""

    def __init__(self, send: Callable[..., None], parcel: int = _PARCEL) -> None:
        """`send` takes one text for the engine; `parcel` lines make one."""
        self._send, self._parcel = send, parcel
        self._lines: list[str] = []
        self._lock = threading.Lock()

    def add(self, msg: str, *about: Any, **more: Any) -> None:
        """Takes the place of `pulumi.log.debug`: keeps the line, or sends what is kept with it.

        A line about a resource goes at once: the engine shows it there.
        """
        if about or more:
            self._send(msg, *about, **more)
            return
        with self._lock:
            self._lines.append(msg)
            waits = len(self._lines) < self._parcel and not msg.startswith(_LAST)
        if not waits:
            self.flush()

    def flush(self) -> None:
        """Sends what is kept."""
        with self._lock:
            lines, self._lines = self._lines, []
        if lines:
            self._send("\n".join(lines))


def gather_debug_lines() -> None:
    """From here on the SDK's lines go in parcels, and before every warning and error."""
    lines = DebugLines(pulumi.log.debug)
    for name in ("warn", "error"):
        setattr(pulumi.log, name, _after(lines, getattr(pulumi.log, name)))
    pulumi.log.debug = lines.add


def _after(lines: DebugLines, say: Callable[..., None]) -> Callable[..., None]:
    def said(*args: Any, **more: Any) -> None:
        lines.flush()
        say(*args, **more)

    return said
