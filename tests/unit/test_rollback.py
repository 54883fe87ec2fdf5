"""When an update is a rollback, what a hold lets pass, and what a stack can go back to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release.record import Hold, Pointer
from release.rollback import foretell, goes_back, hold_after, refusal, will_be_held
from release.rollback_choice import targets
from release.versions import is_older
from tests.fakes.records import D1, D2, NOW, image, pointer_to, record

HOLD = Hold(who="ada", why="broken", since="2026-11-21T07:00:00Z")


def at(version: str | None, hold: Hold | None = None) -> Pointer:
    return pointer_to(record(1, version=version), hold=hold)


@pytest.mark.parametrize(
    ("current", "version", "back"),
    [
        ("v1.10.0", "v1.9.0", True),
        ("v1.9.0", "v1.10.0", False),
        ("v1.9.0", "v1.9.0", False),
        ("v1.0.0", "v1.0.0-rc.1", True),
        ("2025.10", "2025.03", True),
        ("2025.03", "v1.0.0", False),
        ("0.1.31-dev", "0.1.30-dev", True),
        ("1.2.0-SNAPSHOT-7d2a1b0", "1.2.0-SNAPSHOT-1d2a1b0", False),
        ("1.2.0-SNAPSHOT-7d2a1b0", "1.1.0-SNAPSHOT-9d2a1b0", True),
        (None, "v1.0.0", False),
        ("v1.0.0", None, False),
    ],
)
def test_an_older_version_is_a_rollback(
    current: str | None, version: str | None, back: bool
) -> None:
    assert goes_back(at(current), version, None) is back
    assert goes_back(at(current), version, "asked for")
    assert not goes_back(None, version, None)


@given(
    st.tuples(*[st.integers(0, 12)] * 3),
    st.tuples(*[st.integers(0, 12)] * 3),
)
def test_a_hold_refuses_what_is_newer_and_nothing_else(
    now: tuple[int, ...], then: tuple[int, ...]
) -> None:
    current, wanted = (f"v{'.'.join(map(str, each))}" for each in (now, then))
    refused = refusal(at(current, HOLD), wanted, None) is not None
    assert refused == is_older(current, wanted) == (now < then)
    assert refusal(at(current), wanted, None) is None
    assert refusal(at(current, HOLD), wanted, "asked for") is None


@pytest.mark.parametrize(
    ("current", "version"),
    [(None, None), (None, "v1.0.0"), ("v1.0.0", None), ("2025.03", "v9.0.0")],
)
def test_a_hold_refuses_what_is_not_known_to_be_older(
    current: str | None, version: str | None
) -> None:
    assert refusal(at(current, HOLD), version, None) == HOLD


def test_a_hold_stays_until_it_is_lifted_or_replaced_by_a_rollback() -> None:
    assert hold_after(at("v1.0.0", HOLD), "v1.0.0", None, "grace", NOW) == HOLD
    assert hold_after(at("v1.0.0"), "v1.1.0", None, "grace", NOW) is None
    assert hold_after(None, "v1.1.0", None, "grace", NOW) is None
    other = hold_after(at("v1.0.0", HOLD), "v0.9.0", "worse\x1b", "grace", NOW)
    assert other is not None
    assert (other.who, other.why, other.version) == ("grace", "worse", "v0.9.0")
    assert will_be_held(at("v1.0.0", HOLD), "v1.0.0", None)
    assert not will_be_held(at("v1.0.0"), "v1.1.0", None)


def test_a_preview_without_a_version_says_what_it_changes() -> None:
    assert foretell(None, None, None) == "the first record of this stack"
    assert foretell(at(None), None, None) == f"a change after {record(1).id}"


def test_only_good_records_of_older_versions_are_targets_each_version_once() -> None:
    v1, v1_again = record(9, version="v1.0.0"), record(5, version="v1.0.0")
    v2, failed = record(8, version="v2.0.0"), record(7, version="v1.5.0", outcome="failed")
    v3, bare = record(6, version="v3.0.0"), record(4)
    current = record(2, version="v2.5.0")
    newest_first = [current, bare, v1_again, v3, failed, v2, v1]
    assert targets(current, newest_first) == [v1_again, v2]


def test_without_versions_a_second_rollback_goes_further_back() -> None:
    third = "sha256:" + "3" * 64
    a, b, c = (record(9 - n, images={"shop": image(d)}) for n, d in enumerate((D1, D2, third)))
    assert targets(c, [c, b, a]) == [b, a]
    back = record(
        1, images={"shop": image(D2)}, rollback=True, source={"record": b.id, "commit": None}
    )
    assert targets(back, [back, c, b, a]) == [a]
    same = record(0.5, images={"shop": image(third)})
    assert targets(same, [same, back, c, b, a]) == [back, a]
