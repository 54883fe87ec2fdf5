"""How far a version moves, and the version that follows from it."""

from __future__ import annotations

import pytest

from release.bump import bump_of, check_bump
from release.next_version import commit_in, next_version, versions_in

NAMES = ["{version}", "{version}-{short_sha}", "sha-{sha}", "latest"]
TAGS = [
    "1.2.9",
    "1.2.9-a1b2c3d",
    "1.2.10",
    "1.2.10-b1b2c3d",
    "latest",
    "src-" + "0" * 40,
    "2.0.0-rc",
]


@pytest.mark.parametrize(
    ("messages", "bump"),
    [
        ([], "patch"),
        (["fix"], "patch"),
        (["add a page [minor]"], "minor"),
        (["fix", "body\n\nmore [major] text", "[minor]"], "major"),
        (["[minor] and [major]"], "major"),
        (["[MAJOR] [Minor] (major) major"], "patch"),
    ],
)
def test_the_largest_marker_of_all_messages_wins(messages: list[str], bump: str) -> None:
    assert bump_of(iter(messages)) == bump


@pytest.mark.parametrize("word", ["", "Minor", "minor ", "patch\n", "$(id)"])
def test_a_word_that_is_no_bump_is_refused(word: str) -> None:
    with pytest.raises(ValueError, match="is not a bump; allowed: patch, minor, major"):
        check_bump(word)
    assert check_bump("minor") == "minor"


def test_versions_are_read_back_from_tags() -> None:
    assert versions_in(NAMES, TAGS) == ["1.2.10", "1.2.9"]
    assert versions_in(["v{version}"], ["v1.2.0", "1.3.0", "v1.4.0-rc"]) == ["1.2.0"]
    assert commit_in(NAMES, TAGS, "1.2.10") == "b1b2c3d"
    assert commit_in(["{version}"], TAGS, "1.2.10") is None


def test_the_first_version_is_the_same_for_every_bump() -> None:
    found = next_version(["latest"], wish="major", messages=unasked)
    assert (found.version, found.new, found.latest) == ("0.1.0", True, None)


def unasked() -> list[str]:
    raise AssertionError("history was read where it does not decide")


def test_content_that_has_a_version_keeps_it_however_often_it_is_asked() -> None:
    found = next_version(["1.3.0", "1.2.0"], held=["1.2.0"], wish="major", messages=unasked)
    assert (found.version, found.new) == ("1.2.0", False)
    again = next_version(["1.2.0"], held=["1.2.0"], wish="minor", messages=unasked, anew=True)
    assert (again.version, again.new, again.bump) == ("1.3.0", True, "minor")


def test_new_content_is_bumped_by_its_commits_or_by_a_wish() -> None:
    assert next_version(["1.2.9", "1.2.10"], messages=lambda: ["x [minor]"]).version == "1.3.0"
    assert next_version(["1.2.10"], messages=lambda: []).version == "1.2.11"
    assert next_version(["1.2.10"], wish="major", messages=unasked).version == "2.0.0"


def test_who_lost_a_race_gets_the_version_after_the_winner_s() -> None:
    first = next_version(["1.2.0"], messages=lambda: [])
    second = next_version(["1.2.0", first.version], messages=lambda: [])
    assert (first.version, second.version) == ("1.2.1", "1.2.2")
