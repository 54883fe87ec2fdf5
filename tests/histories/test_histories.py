"""Random histories on the real engine: after every step all seven invariants hold.

`make histories` goes 500 steps. SLIPWAY_SEED and SLIPWAY_STEPS choose others; a history that fails
prints both, and all that was done.
"""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, assume, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)

from tests.histories.commits import COMMITS
from tests.histories.faults import FAULTS
from tests.histories.history import History
from tests.histories.steps import STEPS, deploy_dev, promote, settle
from tests.histories.world import STACKS

SEED = int(os.environ.get("SLIPWAY_SEED", "4"))
TOTAL = int(os.environ.get("SLIPWAY_STEPS", "25"))
EACH = 50
"""Steps of one history at most; then another one begins, with the next seed."""
LENGTHS = [min(EACH, TOTAL - begun) for begun in range(0, TOTAL, EACH)]
ALL = (*COMMITS, *STEPS, *FAULTS)


class BrokenHistory(BaseException):
    """Ends a history at once: Hypothesis would do all of it a second time to show it again."""


class Team(RuleBasedStateMachine):
    """One history. Hypothesis chooses what is done next.

    It is one rule, as Hypothesis leaves some rules out of each run, which is for many short runs.
    """

    begins: Callable[[], History]
    history: History | None = None

    @initialize(first=st.integers(0, 2**32))
    def begin(self, first: int) -> None:
        """Hypothesis tries the least of everything first: always the first step."""
        assume(first)
        self.history = type(self).begins()

    @rule(data=st.data())
    def next_step(self, data: st.DataObject) -> None:
        """One step of those that are possible now."""
        assert self.history
        possible = [each for each in ALL for _ in range(each.weight) if each.possible(self.history)]
        step = possible[data.draw(st.sampled_from(range(len(possible))))]
        with ending():
            step.do(self.history, data.draw)
        self.history.counts[step.name] += 1


@contextmanager
def ending() -> Iterator[None]:
    """Ends the history at whatever goes wrong."""
    try:
        yield
    except Exception:
        raise BrokenHistory(traceback.format_exc()) from None


def nothing(strategy: st.SearchStrategy[str]) -> str:
    """The first steps choose nothing."""
    raise AssertionError("a first step wants to choose")


def run(number: int, length: int, begins: Callable[[], History]) -> None:
    """One history of one seed. Raises BrokenHistory."""
    team = seed(number)(type("Seeded", (Team,), {"begins": staticmethod(begins)}))
    chosen = settings(
        max_examples=1,
        stateful_step_count=length + 1,  # the beginning is one
        phases=[Phase.generate],
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    run_state_machine_as_test(team, settings=chosen)


@pytest.mark.parametrize(("number", "length"), [(SEED + i, n) for i, n in enumerate(LENGTHS)])
def test_every_invariant_holds_after_every_step(number: int, length: int, tmp_path: Path) -> None:
    again = f"SLIPWAY_SEED={number} SLIPWAY_STEPS={length} make histories"
    print(f"\nseed {number}, {length} steps: {again}", flush=True)
    histories: list[History] = []

    def begins() -> History:
        with ending():
            histories.append(history := History(tmp_path))
            deploy_dev(history, nothing)
            promote(history, nothing)
        return history

    broken = ""
    try:
        run(number, length, begins)
        with ending():
            settle_both(*histories)
    except BrokenHistory as error:
        broken = str(error)
    finally:
        for each in histories:
            each.world.close()
    if broken:
        told = "\n".join(line for each in histories for line in each.told)
        pytest.fail(f"seed {number}: {broken}\n{told}\n\nthe same again: {again}", pytrace=False)
    (counts,) = (each.counts for each in histories)
    print(f"  {counts.total()} steps: {dict(counts.most_common())}")
    assert counts.total() == length


def settle_both(history: History) -> None:
    """At the end both stacks converge."""
    for stack in STACKS:
        history.tell(f"at the end: {stack} without faults, and once more")
        settle(history, stack)
