"""DORA's figures and lead times on histories that were counted by hand, and their laws."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from release.dora import Figures, figures
from release.lead_time import CommitAt, arrivals
from release.record import Record
from release.record_text import moment, new_id

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
A, B, C, D = (letter * 40 for letter in "abcd")


def at(hours: float) -> datetime:
    """So many hours before now."""
    return NOW - timedelta(hours=hours)


def update(ago: float, outcome: str = "succeeded", commit: str = A, **more: Any) -> Record:
    """An update that ended `ago` hours ago, after 6 minutes."""
    began = at(ago + 0.1)
    plain = {
        "id": new_id(commit, began, "0" * 6), "project": "p", "stack": "prod", "commit": commit,
        "checkout": commit, "who": "ada", "where": "here", "started": moment(began),
        "finished": None if outcome == "open" else moment(at(ago)), "outcome": outcome,
    }  # fmt: skip
    return Record.model_validate(plain | more)


def counted(*records: Record, days: int = 30) -> Figures:
    found = figures(records, {}, NOW, days)
    assert found is not None
    return found


def test_without_a_record_there_is_no_figure() -> None:
    assert figures([], {}, NOW, 30) is None


def test_a_history_counted_by_hand() -> None:
    found = counted(
        update(400),
        update(300, "failed"),
        update(298),
        update(200),
        update(197, rollback=True),
        update(100, "open"),
        update(90),
        update(1, "open"),
    )
    assert found.deployments == 4  # 400, 298, 200, 90
    assert found.attempts == 6  # and 300, 100; the newest may still run
    assert found.failures == 3  # 300 failed, 200 was rolled back, 100 was killed
    assert found.failure_rate == 0.5
    hours = [round(each / 3600, 1) for each in found.restores]
    assert hours == [2.0, 3.0, 10.1]  # a killed one began 6 minutes before
    assert found.restore == 3 * 3600
    assert not found.broken
    assert found.per_week is not None
    assert round(found.per_week, 3) == round(4 / (400.1 / 168), 3)


def test_a_young_stack_has_no_weekly_figure_and_a_perfect_one_nothing_to_restore() -> None:
    found = counted(update(30), update(20))
    assert found.per_week is None
    assert (found.deployments, found.failure_rate, found.restore) == (2, 0.0, None)


def test_what_is_older_than_the_period_does_not_count_but_what_it_left_broken_does() -> None:
    found = counted(update(60), update(50, "failed"), update(20), days=1)
    assert (found.deployments, found.attempts, found.failures) == (1, 1, 0)
    assert found.restores == (30 * 3600,)
    assert found.since == at(24)


def test_no_deployment_in_the_period_is_no_failure_rate() -> None:
    found = counted(update(60), days=1)
    assert (found.deployments, found.failure_rate, found.lead) == (0, None, None)


def test_two_rollbacks_blame_one_deployment_and_a_failed_one_blames_too() -> None:
    found = counted(update(9), update(8), update(7, rollback=True), update(6, rollback=True))
    assert (found.attempts, found.failures, len(found.restores)) == (2, 1, 1)
    found = counted(update(9), update(8, "failed", rollback=True), update(6, rollback=True))
    assert (found.attempts, found.failures) == (1, 1)
    assert found.restores == (3 * 3600,)


def test_a_failure_that_goes_on_is_told_and_not_timed() -> None:
    found = counted(update(9), update(8, "failed"), update(7, "failed"))
    assert (found.failures, found.restore, found.broken) == (2, None, True)


GRAPH = {
    A: CommitAt(made=at(100)),
    B: CommitAt(made=at(50), parents=(A,)),
    C: CommitAt(made=at(40), parents=(A,)),
    D: CommitAt(made=at(30), parents=(B, C)),
}


def test_every_commit_counts_once_where_it_arrives_first() -> None:
    records = [update(90, commit=A), update(20, commit=D), update(10, commit=B)]
    found = figures(records, GRAPH, NOW, 30)
    assert found is not None
    assert [each / 3600 for each in found.leads] == [10, 20, 30]
    assert found.lead == 20 * 3600
    assert found.leads_unknown == 1  # the first has nothing to be compared with


def test_after_a_commit_that_is_not_at_hand_nothing_is_guessed() -> None:
    known = arrivals([(A, at(90)), ("e" * 40, at(60)), (C, at(30)), (D, at(20))], GRAPH)
    assert [each.seconds and tuple(s / 3600 for s in each.seconds) for each in known] == [
        None, None, None, (10, 30),
    ]  # fmt: skip


def test_a_commit_from_the_future_is_left_out() -> None:
    graph = {A: CommitAt(made=at(9)), B: CommitAt(made=at(-5), parents=(A,))}
    assert arrivals([(A, at(8)), (B, at(7))], graph)[1].seconds == ()


outcomes = st.sampled_from(["succeeded", "succeeded", "failed", "open"])
histories = st.lists(st.tuples(outcomes, st.booleans()), min_size=1, max_size=30)


def made_of(story: list[tuple[str, bool]], shift: float = 0.0) -> list[Record]:
    return [update(n * 5 + shift, o, rollback=r) for n, (o, r) in enumerate(story)]


@given(histories, st.integers(1, 20))
def test_figures_stay_within_what_happened(story: list[tuple[str, bool]], days: int) -> None:
    found = counted(*made_of(story), days=days)
    assert 0 <= found.failures <= found.attempts <= len(story)
    assert found.deployments <= found.attempts
    assert found.deployments + found.failures >= found.attempts
    assert all(each >= 0 for each in found.restores)
    assert len(found.restores) <= sum(o == "succeeded" for o, _ in story)
    assert found.failure_rate is None or 0 <= found.failure_rate <= 1
    assert found.since >= NOW - timedelta(days=days)


@given(histories, st.randoms(use_true_random=False))
def test_the_order_of_reading_does_not_matter(story: list[tuple[str, bool]], chance: Any) -> None:
    records = made_of(story)
    shuffled = list(records)
    chance.shuffle(shuffled)
    assert counted(*records) == counted(*shuffled)


@given(histories)
def test_a_good_deployment_more_never_raises_the_failure_rate(
    story: list[tuple[str, bool]],
) -> None:
    before = counted(*made_of([("succeeded", False), *story], 5.0))
    after = counted(*made_of([("succeeded", False), *story], 5.0), update(0.5))
    assert before.failure_rate is not None
    assert after.failure_rate is not None
    assert after.failure_rate <= before.failure_rate
    assert after.deployments == before.deployments + 1
