"""What GitHub answers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import requests

from clients import ClientError
from clients.github import GitHub
from clients.github_answers import Anything
from clients.github_comments import PullRequest
from clients.github_error import explain, said_by
from clients.github_http import GitHubHttp, _pause, _too_long
from clients.github_token import Token, find_token
from tests.attacks.answers import answers, bodies
from tests.attacks.corpora import near
from tests.attacks.parser import Parser, check_message

_TOKEN = Token(value="ghp_x", source="GITHUB_TOKEN")
OBJECT = {"type": "tag", "sha": "a" * 40}
REFERENCE = {"ref": "refs/tags/v1.2.0", "object": OBJECT, "sha": "a" * 40}
RELEASE = {"html_url": "https://github.com/acme/shop/releases/1", "tag_name": "v1.2.0", "body": ""}
COMMENT = {"id": 1, "html_url": "https://x", "body": "<!-- ours -->", "user": {"login": "us"}}
GITHUB = {"message": "Validation Failed", "errors": [{"code": "already_exists", "field": "tag"}]}


def _github(answer: requests.Response) -> Any:
    check_message(explain("publishing", answer, _TOKEN) + said_by(answer)[0])
    pause = _pause(answer, 1)
    if pause is not None:
        check_message(_too_long("publishing", pause, answer))
    return _said_to(GitHubHttp("https://api.github.com", lambda _: None), answer).get(
        "/repos/a/b", "looking", Anything
    )


def _said_to(http: GitHubHttp, answer: requests.Response) -> GitHubHttp:
    http.__dict__["token"] = _TOKEN
    http.__dict__["_session"] = SimpleNamespace(request=lambda *_, **__: answer)
    return http


def _github_release(answer: requests.Response) -> None:
    github = GitHub("https://api.github.com", "acme/shop", lambda _: None)
    _said_to(github._http, answer)
    sha = "a" * 40
    for ask in (
        github.check_access,
        lambda: github.find_tag("v1.2.0"),
        lambda: github.make_tag_object("v1.2.0", sha, "text"),
        lambda: github.make_tag_reference("v1.2.0", sha),
        lambda: github.find_release("v1.2.0"),
        lambda: github.make_release("v1.2.0", "v1.2.0", "notes", False),
    ):
        with _messages():
            ask()


def _github_comment(answer: requests.Response) -> None:
    pull = PullRequest("https://api.github.com", "acme/shop", 7, lambda _: None)
    _said_to(pull._http, answer)
    assert isinstance(pull.say("<!-- ours -->", "<!-- ours --> text"), str)


@contextmanager
def _messages() -> Iterator[None]:
    """Of one question among several: a refusal is clean, and the next one is asked."""
    try:
        yield
    except ClientError as error:
        check_message(str(error))


def _token(text: str) -> Token:
    with patch.dict("os.environ", {"GITHUB_TOKEN": text, "PATH": ""}):
        return find_token("https://api.github.com")


def _is_token(found: Token) -> None:
    assert found.value.isascii()
    assert found.value.isprintable()


PARSERS = (
    Parser(
        name="an answer of GitHub",
        source="GitHub, or what stands before it",
        inputs=answers(
            GITHUB,
            Retry_After="5",
            X_RateLimit_Remaining="0",
            X_RateLimit_Reset="1800000000",
            Date="Sat, 21 Nov 2026 07:00:00 GMT",
            X_Accepted_GitHub_Permissions="contents=write",
        ),
        parse=_github,
    ),
    Parser(
        name="a repository, tag or release on GitHub",
        source="GitHub, or what stands before it",
        inputs=bodies(REFERENCE) | bodies(RELEASE) | bodies([RELEASE]),
        parse=_github_release,
    ),
    Parser(
        name="the comments on a pull request",
        source="whoever comments",
        inputs=bodies([COMMENT]) | bodies(COMMENT),
        parse=_github_comment,
    ),
    Parser(
        name="a token of GitHub",
        source="the environment",
        inputs=near("ghp_abc").map(
            lambda t: t.replace("\0", "").encode("utf-8", "replace").decode()
        ),
        parse=_token,
        check=_is_token,
    ),
)
