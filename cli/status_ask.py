"""Asking many at once, with one deadline: who does not answer in time is told as that."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from clients import ClientError
from release.record_text import plain
from release.status import Seen


@dataclass(kw_only=True)
class Probe:
    """One question. It runs in a thread of its own, and is left alone at the deadline."""

    service: str
    target: str
    where: str
    """What is told if there is no answer."""
    ask: Callable[[], list[Seen]]
    """Raises ClientError where somebody can't be asked."""
    answer: list[Seen] = field(default_factory=list)
    error: Exception | None = None
    done: bool = False

    def run(self) -> None:
        """Ask, and keep whatever comes of it."""
        try:
            self.answer = self.ask()
        except Exception as error:  # raised again, or told, where the answers are read
            self.error = error
        self.done = True


def ask_all(probes: Sequence[Probe], deadline: float, seconds: float) -> list[Seen]:
    """What all of them saw. `deadline` is a time.monotonic(), `seconds` what is said of it.

    What is no ClientError is a fault of ours, and raised.
    """
    threads = [threading.Thread(target=each.run, daemon=True) for each in probes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    seen: list[Seen] = []
    for probe in probes:
        seen += _answers(probe, seconds)
    return seen


def _answers(probe: Probe, seconds: float) -> list[Seen]:
    if not probe.done:
        return [_unknown(probe, f"no answer within {seconds:g} s; see --timeout")]
    if probe.error is None:
        return probe.answer
    if isinstance(probe.error, ClientError):
        return [_unknown(probe, plain(str(probe.error)))]
    raise probe.error


def _unknown(probe: Probe, why: str) -> Seen:
    return Seen(
        service=probe.service,
        target=probe.target,
        where=probe.where,
        state="unknown",
        well=False,
        why=why,
    )
