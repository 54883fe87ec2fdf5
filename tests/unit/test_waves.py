"""How a fleet is divided, and what is no share of one."""

from __future__ import annotations

import pytest

from release.waves import check_concurrency, check_errors, share, waves

HOSTS = [f"i-{n}" for n in range(10)]


@pytest.mark.parametrize(
    ("concurrency", "sizes"),
    [
        ("1", [1] * 10),
        ("4", [4, 4, 2]),
        ("25%", [2] * 5),
        ("5%", [1] * 10),
        ("100%", [10]),
        ("9999", [10]),
    ],
)
def test_waves_keep_the_order_and_leave_nobody_out(concurrency: str, sizes: list[int]) -> None:
    found = waves(HOSTS, concurrency, 50)
    assert [len(each) for each in found] == sizes
    assert [host for wave in found for host in wave] == HOSTS


def test_a_wave_is_never_more_than_one_command_takes() -> None:
    assert [len(each) for each in waves(HOSTS, "100%", 6)] == [6, 4]


def test_nobody_is_no_wave() -> None:
    assert waves([], "25%", 50) == []


@pytest.mark.parametrize(
    ("said", "total", "number"),
    [("0", 4, 0), ("0%", 4, 0), ("10%", 4, 0), ("25%", 4, 1), ("34%", 3, 1), ("100%", 3, 3)],
)
def test_a_percentage_is_rounded_down(said: str, total: int, number: int) -> None:
    assert share(said, total) == number


@pytest.mark.parametrize("said", ["1", "50", "1%", "100%", 3])
def test_a_concurrency_of_aws_is_taken(said: object) -> None:
    assert check_concurrency(said) == str(said)


@pytest.mark.parametrize(
    "said", ["0", "0%", "101%", "-1", "1.5", "half", "", "25 %", "٣", "1\n", True, None, 0, 2.0]
)
def test_what_is_no_concurrency_is_refused_with_what_is(said: object) -> None:
    with pytest.raises(ValueError, match="1% to 100%"):
        check_concurrency(said)


def test_none_may_fail_and_all_may() -> None:
    assert [check_errors(said) for said in ("0", "0%", "100%", 2)] == ["0", "0%", "100%", "2"]
    with pytest.raises(ValueError, match="allowed: a number from 0"):
        check_errors("101%")
