"""Versions: which words are some, which of two is older, and which comes next."""

from __future__ import annotations

import pytest
import semver
from hypothesis import assume, given
from hypothesis import strategies as st

from release.bump import BUMPS, Bump
from release.versions import (
    bumped,
    check_suffixed,
    check_version,
    is_older,
    is_plain,
    latest_plain,
    next_suffixed,
    order,
)

REFUSED = [
    "", "\n", " ", "latest", "v", "v1", "v1.2", "1.2.3.4", "v01.2.3", "1.02.3", "1.2.03",
    "1.2.3-01",
    "1.2.3\n", "\n1.2.3", " 1.2.3", "1.2.3 ", "1. 2.3", "1.2.3\0", "V1.2.3", "vv1.2.3", "-1.2.3",
    "1.2.3$(id)", "v1.2.3;reboot", "`id`", "-rf", "1.2.3-", "1.2.3-a..b", "1.2.3+build",
    "\u0661.\u0662.\u0663", "\uff11.2.3", "1.2.3-\u00e9", "2025.3", "2025.13", "2025.00", "1999.03",
    "2025.03.0", "2025.03.01", "1" * 10 + ".0.0", "v" + "1" * 199, "1.2.3-" + "a" * 194,
]  # fmt: skip

numbers = st.integers(0, 10**9 - 1)
cores = st.tuples(numbers, numbers, numbers).map(lambda three: ".".join(map(str, three)))
words = st.from_regex(r"(0|[1-9][0-9]{0,4}|[0-9]{0,2}[A-Za-z-][0-9A-Za-z-]{0,5})", fullmatch=True)
semantic = st.builds(
    lambda v, core, pre: v + core + ("-" + ".".join(pre) if pre else ""),
    st.sampled_from(["", "v"]),
    cores,
    st.lists(words, max_size=3),
)
calendar = st.from_regex(r"20[0-9]{2}\.(0[1-9]|1[0-2])(\.[1-9][0-9]{0,3})?", fullmatch=True)


@pytest.mark.fault(29, "what looks like a version and is none")
@pytest.mark.parametrize("version", REFUSED)
def test_a_word_that_is_no_version_is_refused(version: str) -> None:
    with pytest.raises(ValueError, match="is not a version; allowed"):
        check_version(version)
    with pytest.raises(ValueError, match="is not a version; allowed"):
        order(version)


def test_a_long_word_is_not_repeated_in_full() -> None:
    with pytest.raises(ValueError, match="…' is not a version") as told:
        check_version("1" * 200)
    assert len(str(told.value)) < 250


@pytest.mark.fault(29, "any text as a version")
@given(st.text(max_size=12))
def test_only_what_the_grammar_knows_is_a_version(text: str) -> None:
    try:
        check_version(text)
    except ValueError:
        return
    assert text.isascii()
    assert text.removeprefix("v")[0].isdigit()


@given(semantic, semantic)
def test_the_order_is_total_and_that_of_semver(a: str, b: str) -> None:
    assume(len(a) <= 60 and len(b) <= 60)
    theirs = semver.Version.parse(a.removeprefix("v")).compare(b.removeprefix("v"))
    assert (order(a) < order(b), order(a) == order(b), order(a) > order(b)) == (
        theirs < 0,
        theirs == 0,
        theirs > 0,
    )
    assert [is_older(a, b), is_older(b, a)].count(True) == (theirs != 0)


@given(calendar, calendar)
def test_calendar_versions_are_in_the_order_of_their_numbers(a: str, b: str) -> None:
    by_number = [int(part) for part in a.split(".")] < [int(part) for part in b.split(".")]
    assert is_older(a, b) == by_number
    assert (order(a) == order(b)) == (a == b)


@given(st.lists(semantic.filter(lambda v: len(v) <= 60), min_size=1))
def test_sorting_does_not_depend_on_where_one_starts(versions: list[str]) -> None:
    one = [order(version) for version in sorted(versions, key=order)]
    assert one == [order(version) for version in sorted(reversed(versions), key=order)]


def test_a_v_does_not_count_in_the_order() -> None:
    assert order("v1.2.0") == order("1.2.0")
    assert hash(order("v1.2.0")) == hash(order("1.2.0"))
    assert is_older("v1.2.0-rc.1", "1.2.0")


@pytest.mark.parametrize(("a", "b"), [("2025.03", "2025.3.0"), ("v1.2.0", "2025.03.1")])
def test_two_kinds_of_versions_are_never_compared(a: str, b: str) -> None:
    assert order(a) != order(b)
    for one, other in ((a, b), (b, a)):
        with pytest.raises(ValueError, match="cannot be put in order: one is a calendar version"):
            is_older(one, other)


@given(st.lists(st.one_of(cores, semantic, st.sampled_from(["latest", "01.2.3", "sha-1", ""]))))
def test_the_latest_is_the_greatest_of_the_plain_ones(found: list[str]) -> None:
    plain = [v for v in found if is_plain(v)]
    latest = latest_plain(iter(found))
    assert (latest is None) == (not plain)
    for version in plain:
        assert latest is not None
        assert numbers_of(version) <= numbers_of(latest)


def numbers_of(version: str) -> list[int]:
    return [int(number) for number in version.split(".")]


def test_ten_comes_after_nine() -> None:
    assert latest_plain(["1.9.0", "1.10.0", "v2.0.0", "3.0.0-dev", "2025.03"]) == "1.10.0"


@pytest.mark.parametrize(
    ("bump", "version"), [("patch", "1.2.4"), ("minor", "1.3.0"), ("major", "2.0.0")]
)
def test_a_bump_sets_what_is_below_it_to_nought(bump: Bump, version: str) -> None:
    assert bumped("1.2.3", bump) == version
    assert bumped(None, bump) == "0.1.0"


@given(cores)
def test_a_bumped_version_is_newer_and_plain(latest: str) -> None:
    assume("999999999" not in latest)
    for bump in BUMPS:
        assert is_plain(bumped(latest, bump))
        assert is_older(latest, bumped(latest, bump))


@pytest.mark.parametrize("latest", ["v1.2.3", "1.2.3-dev", "2025.03", "latest", "999999999.0.0"])
def test_what_is_not_plain_or_full_is_not_counted_up(latest: str) -> None:
    with pytest.raises(ValueError, match=r"cannot be counted up|is not a version"):
        bumped(latest, "major")


def test_the_next_suffixed_version_follows_the_highest_one_by_number() -> None:
    tags = ["0.1.9-dev", "0.1.29-dev", "v0.9.0-dev", "9.9.9", "1.0.0-dev-dev", "0.2.0-rc", "x-dev"]
    assert next_suffixed(tags, "dev") == "0.1.30-dev"
    assert next_suffixed(tags, "rc") == "0.2.1-rc"
    assert next_suffixed([], "dev") == "0.1.0-dev"


@pytest.mark.parametrize("suffix", ["", "a b", "$(id)", "dev\n", "01", "é"])
def test_a_suffix_that_no_version_has_is_refused(suffix: str) -> None:
    with pytest.raises(ValueError, match="is not a version"):
        next_suffixed([], suffix)


@pytest.mark.parametrize("version", ["", "0.1.30", "0.1.30-Dev", "0.1.30-dev\n", "-dev0"])
def test_a_version_without_the_suffix_is_refused_in_these_words(version: str) -> None:
    with pytest.raises(ValueError, match="Version must end with -dev"):
        check_suffixed(version, "dev")


@pytest.mark.parametrize("version", ["-dev", "v0.1.30-dev", "0.1-dev", "0.1.030-dev", "$(id)-dev"])
def test_a_version_that_only_ends_right_is_refused(version: str) -> None:
    with pytest.raises(ValueError, match=r"allowed: X\.Y\.Z-dev"):
        check_suffixed(version, "dev")


def test_a_suffixed_version_is_given_back() -> None:
    assert check_suffixed("0.1.30-dev", "dev") == "0.1.30-dev"
