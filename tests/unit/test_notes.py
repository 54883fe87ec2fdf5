"""Release notes: complete, harmless, and never too long for GitHub."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release.notes import LONGEST, Change, one_line, release_notes
from tests.golden import assert_golden

D1, D2, D3 = ("sha256:" + letter * 64 for letter in "123")
INVISIBLE = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
COMPARE = "https://github.com/acme/shop/compare/aaaa...bbbb"


def change(subject: str, author: str = "Ann", number: str = "a1b2c3d4" * 5) -> Change:
    return Change(id=number, subject=subject, author=author, date="2026-11-20T10:00:00Z")


def notes(*changes: Change) -> str:
    return release_notes("v1.2.0", changes, {"shop": (D1, D2)}, "v1.1.0", COMPARE)


def outside_code(text: str) -> str:
    """What a Markdown reader sees outside of code spans (CommonMark 6.1: equal fences)."""
    return re.sub(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", "", text)


def test_notes_name_every_commit_and_both_digests_of_every_image() -> None:
    images = {"shop": (D1, D2), "atta": (D3, D3), "api": (None, D1)}
    changes = [change("Add the cart"), change("Fix #12, thanks @ben", "Ben `Q` <b@x>", "f" * 40)]
    assert_golden("release_notes.md", release_notes("v1.2.0", changes, images, "v1.1.0", COMPARE))


def test_a_first_release_and_one_without_commits_say_so() -> None:
    first = release_notes("v1.0.0", [], {"shop": (None, D1)}, None, None)
    assert "first release" in first
    assert "](" not in first
    assert "no earlier record" in first
    again = release_notes("v1.0.0", [], {"shop": (D1, D1)}, "v1.0.0", None)
    assert "released again" in again
    assert "No commit lies between" in again


def test_commits_that_git_could_not_tell_are_not_said_to_be_none() -> None:
    text = release_notes("v1.2.0", None, {"shop": (D1, D2)}, "v1.1.0", None)
    assert "`v1.2.0` follows `v1.1.0`.\n" in text
    assert "could not be listed" in text
    assert "o commit" not in text


@pytest.mark.parametrize(
    "hostile",
    [
        "@everyone look",
        "see #1 and acme/other#2 and GH-3",
        "<img src=x onerror=alert(1)>",
        "[click](https://evil.example)",
        "`` ` `` @team",
        "`@team",
        "@team`",
        "``` @team ```",
        "a` @team `b",
        "\\` @team",
        "<a href='`'> @team",
        "https://evil.example :tada:",
    ],
)
def test_nothing_that_a_commit_says_leaves_its_code_span(hostile: str) -> None:
    text = outside_code(notes(change(hostile, hostile)))
    assert "a1b2c3d" in text
    for sign in ("@", "#1", "#2", "GH-", "<", "evil", ":tada:", "`"):
        assert sign not in text, text


@given(st.text(max_size=60), st.text(max_size=20))
def test_any_text_stays_in_one_line_and_in_its_code_span(subject: str, author: str) -> None:
    text = notes(change(subject, author))
    line = text.splitlines()[-1]
    assert re.fullmatch(r"- a1b2c3d  \(, \)", outside_code(line)), line
    assert not re.search(
        r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]", text
    )


def test_terminal_escapes_newlines_and_direction_marks_are_taken_out() -> None:
    assert one_line("a\x1b[31mred\x1b[0m \x1b]8;;http://x\x07link\x1b]8;;\x07", 99) == "ared link"
    assert one_line("a\r\n## b\u2028c\x00\x9b1md", 99) == "a ## b c d"
    assert one_line("x\u202eevil\u2066\udcff\ufeff", 99) == "xevil"


def test_a_long_subject_is_cut() -> None:
    assert len(notes(change("x" * 10_000))) < 1_000


@pytest.mark.parametrize("letter", ["x", "漢", "😀"])
def test_a_history_too_long_for_github_is_cut_and_counted(letter: str) -> None:
    many = [change(letter * 190) for _ in range(3_000)]
    text = notes(*many)
    assert len(text.encode()) <= LONGEST
    listed = text.count("- a1b2c3d ")
    assert listed > 100
    assert f"- … and {3_000 - listed:,} more commits" in text


def test_thousands_of_images_leave_room_for_commits_and_keep_the_changed_ones() -> None:
    images: dict[str, tuple[str | None, str]] = {f"i{n:04}": (D1, D1) for n in range(5_000)}
    images["zz"] = (D1, D2)
    text = release_notes("v1.2.0", [change("Add")], images, "v1.1.0", None)
    assert len(text.encode()) <= LONGEST
    assert f"`zz`: from `{D1}` to `{D2}`" in text
    assert "`Add`" in text
    assert f"and {5_001 - text.count('- `'):,} more images" in text


@pytest.mark.parametrize("bad", ["javascript:alert(1)", "https://x/)(y", "https://x/ y", "x"])
def test_a_link_that_is_no_plain_url_is_refused(bad: str) -> None:
    with pytest.raises(ValueError, match="no URL to compare at"):
        release_notes("v1", [], {}, None, bad)
