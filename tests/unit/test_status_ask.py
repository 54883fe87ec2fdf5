"""Asking many at once: one deadline for all, and nothing swallowed."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from cli import status_ask
from release.status import Seen


def probe(ask: Any) -> status_ask.Probe:
    return status_ask.Probe(service="shop", target="host", where="-", ask=ask)


def test_who_hangs_does_not_hold_the_others_up() -> None:
    never = threading.Event()

    def hangs() -> list[Seen]:
        never.wait(30)
        return []

    began = time.monotonic()
    seen = status_ask.ask_all([probe(hangs), probe(list)], time.monotonic() + 0.2, 0.2)
    assert time.monotonic() - began < 5
    assert [(each.state, each.why) for each in seen] == [
        ("unknown", "no answer within 0.2 s; see --timeout")
    ]
    never.set()


def test_all_are_asked_at_the_same_time() -> None:
    together = threading.Barrier(3)

    def meets() -> list[Seen]:
        together.wait(5)
        return []

    assert status_ask.ask_all([probe(meets)] * 3, time.monotonic() + 10, 10) == []


def test_a_fault_of_ours_is_not_swallowed() -> None:
    def fails() -> list[Seen]:
        raise KeyError("a bug")

    with pytest.raises(KeyError):
        status_ask.ask_all([probe(fails)], time.monotonic() + 5, 5)
