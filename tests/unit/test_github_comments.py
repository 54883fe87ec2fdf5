"""One comment of ours on a pull request, against a server that answers as GitHub does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from clients.github_comments import PullRequest
from clients.github_error import GitHubError
from tests.fakes.github_api import FakeGitHub, served
from tests.fakes.github_store import Store, failure

MARKER = "<!-- ours -->"


@pytest.fixture
def github(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeGitHub]:
    monkeypatch.setenv("GITHUB_TOKEN", "ghs_fake")
    with served(Store(token="ghs_fake")) as fake:
        yield fake


def comment(body: str, user: dict[str, str], number: int = 1) -> dict[str, Any]:
    return {"id": number, "html_url": "https://github.com/x", "body": body, "user": user}


def request(github: FakeGitHub, number: int = 7) -> PullRequest:
    return PullRequest(github.api, github.store.repository, number, wait=lambda _: None)


def test_it_is_written_once_and_then_edited_in_place(github: FakeGitHub) -> None:
    first = request(github).say(MARKER, f"{MARKER}\none")
    again = request(github).say(MARKER, f"{MARKER}\ntwo")
    assert first == again
    assert [each["body"] for each in github.store.comments] == [f"{MARKER}\ntwo"]


def test_the_same_text_is_not_written_again(github: FakeGitHub) -> None:
    request(github).say(MARKER, f"{MARKER}\none")
    github.store.comments[0]["body"] = f"{MARKER}\r\none"
    github.store.seen.clear()
    request(github).say(MARKER, f"{MARKER}\none")
    assert not [each for each in github.store.seen if not each.startswith("GET")]


def test_the_comment_of_a_person_with_our_marker_is_left_alone(github: FakeGitHub) -> None:
    github.store.comments.append(comment(f"{MARKER}\nmine", {"login": "eve", "type": "User"}))
    request(github).say(MARKER, f"{MARKER}\none")
    assert github.store.comments[0]["body"] == f"{MARKER}\nmine"
    assert len(github.store.comments) == 2


def test_a_comment_that_only_quotes_the_marker_is_not_ours(github: FakeGitHub) -> None:
    github.store.comments.append(comment(f"> {MARKER}", github.store.user()))
    request(github).say(MARKER, f"{MARKER}\none")
    assert len(github.store.comments) == 2


def test_ours_is_found_on_the_third_page(github: FakeGitHub) -> None:
    someone = {"login": "ann", "type": "User"}
    github.store.comments += [comment("hi", someone, number) for number in range(250)]
    request(github).say(MARKER, f"{MARKER}\none")
    request(github).say(MARKER, f"{MARKER}\ntwo")
    assert len(github.store.comments) == 251


def test_a_persons_token_edits_that_persons_comment(
    github: FakeGitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "ghp_ann")
    github.store.token, github.store.login = "ghp_ann", "ann"
    request(github).say(MARKER, f"{MARKER}\none")
    request(github).say(MARKER, f"{MARKER}\ntwo")
    assert [each["body"] for each in github.store.comments] == [f"{MARKER}\ntwo"]


def test_a_lost_answer_makes_no_second_comment(github: FakeGitHub) -> None:
    github.store.lost.append(("POST", "/issues/7/comments"))
    request(github).say(MARKER, f"{MARKER}\none")
    assert len(github.store.comments) == 1


def test_a_token_without_the_right_is_told_which_one_is_missing(github: FakeGitHub) -> None:
    github.store.may_write = False
    with pytest.raises(GitHubError, match=r"pull-requests: write.*fork"):
        request(github).say(MARKER, f"{MARKER}\none")
    with pytest.raises(GitHubError, match="no such pull request"):
        request(github, number=8).say(MARKER, f"{MARKER}\none")


def test_what_github_refuses_is_told_in_its_words(github: FakeGitHub) -> None:
    github.store.broken.append(("POST", "/comments", failure(422, "Validation Failed")))
    with pytest.raises(GitHubError, match="Validation Failed"):
        request(github).say(MARKER, f"{MARKER}\none")


def test_a_number_that_is_none_is_refused_before_any_call(github: FakeGitHub) -> None:
    with pytest.raises(ValueError, match="0 is no pull request"):
        request(github, number=0)
    assert github.store.seen == []


def test_an_answer_of_another_shape_is_named_with_its_place(github: FakeGitHub) -> None:
    github.store.comments.append({"id": "seven", "html_url": "https://github.com/x"})
    with pytest.raises(GitHubError, match=r"not what its documentation says \(0\.id: Input should"):
        request(github).say(MARKER, f"{MARKER}\none")
