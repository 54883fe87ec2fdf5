"""How often a cluster is asked while it switches."""

from __future__ import annotations

import threading

import pytest

from clients import CancelledError
from provider.kubernetes_wait import Patience, pause_after
from provider.resource import Call
from tests.fakes.lines import Lines


def test_the_end_of_a_long_rollout_is_seen_late_by_a_small_part_of_it_at_most() -> None:
    assert [pause_after(seconds) for seconds in (0, 1, 5, 10, 20, 600)] == [
        pytest.approx(pause) for pause in (0.2, 0.2, 0.2, 0.4, 0.8, 1.0)
    ]


def test_who_is_cancelled_waits_no_longer() -> None:
    cancelled = threading.Event()
    cancelled.set()
    with pytest.raises(CancelledError):
        Patience(Call("urn", Lines(), cancelled), deadline=0).wait()
