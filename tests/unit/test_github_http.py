"""What GitHub refuses is said in one sentence, without the token; its limits are kept."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from clients import CancelledError, ClientError
from clients.github import GitHub
from clients.github_error import GitHubError
from clients.github_token import NoTokenError, find_token
from tests.fakes.github_api import FakeGitHub, served
from tests.fakes.github_store import Store, limited

TOKEN = "ghp_0123456789abcdefSECRET"


@pytest.fixture(autouse=True)
def _token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    monkeypatch.delenv("GH_TOKEN", raising=False)


@pytest.fixture
def fake() -> Iterator[FakeGitHub]:
    with served(Store(token=TOKEN)) as server:
        yield server


def look(fake: FakeGitHub, waits: list[float] | None = None) -> None:
    waits = [] if waits is None else waits
    GitHub(fake.api, "acme/shop", waits.append).check_access()


def refusal(fake: FakeGitHub) -> str:
    with pytest.raises(ClientError) as raised:
        look(fake)
    assert TOKEN not in str(raised.value)
    assert "\n" not in str(raised.value)
    return str(raised.value)


def test_a_good_token_is_sent_as_bearer_with_the_version_of_the_api(fake: FakeGitHub) -> None:
    look(fake)
    assert fake.store.tokens == [f"Bearer {TOKEN}"]


def test_a_bad_token_is_named_by_where_it_came_from(
    fake: FakeGitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.store.token = "another"
    assert "token from GITHUB_TOKEN (Bad credentials)" in refusal(fake)
    monkeypatch.delenv("GITHUB_TOKEN")
    monkeypatch.setenv("GH_TOKEN", TOKEN)
    assert "token from GH_TOKEN" in refusal(fake)


def test_a_repository_that_is_not_there_a_read_only_token_and_an_archive_are_told_apart(
    fake: FakeGitHub,
) -> None:
    fake.store.permissions = {"pull": True, "push": False}
    assert "may only read acme/shop" in refusal(fake)
    fake.store.permissions, fake.store.is_archived = None, True
    assert "archived" in refusal(fake)
    fake.store.repository = "acme/other"
    assert "no repository acme/shop" in refusal(fake)
    fake.store.repository, fake.store.renamed = "acme/shop", True
    assert "moved or was renamed" in refusal(fake)


def test_a_workflows_token_is_judged_by_github_alone(
    fake: FakeGitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "ghs_app")
    fake.store.token, fake.store.permissions = "ghs_app", {"push": False}
    look(fake)
    fake.store.may_write = False
    github = GitHub(fake.api, "acme/shop")
    with pytest.raises(GitHubError, match=r"Resource not accessible.*contents: write"):
        github.make_tag_object("v1", "c" * 40, "m")


@pytest.mark.parametrize("status", [403, 429])
def test_a_rate_limit_is_waited_for_as_long_as_it_says(fake: FakeGitHub, status: int) -> None:
    fake.store.throttles = [limited(status, after="7"), limited(status)]
    waits: list[float] = []
    look(fake, waits)
    assert waits == [7.0, 120.0]


def test_a_primary_limit_is_waited_for_until_its_reset(fake: FakeGitHub) -> None:
    fake.store.throttles = [limited(403, reset=int(time.time()) + 20)]
    waits: list[float] = []
    look(fake, waits)
    assert 15 < waits[0] < 25


def test_a_limit_that_lasts_too_long_is_an_error_that_says_until_when(fake: FakeGitHub) -> None:
    fake.store.throttles = [limited(403, reset=int(time.time()) + 3000)]
    assert "rate limit is used up until 20" in refusal(fake)
    fake.store.throttles = [limited(429, after="170"), limited(429, after="170")]
    assert "rate limit" in refusal(fake)
    assert len(fake.store.seen) == 3


def test_a_wait_can_be_cancelled(fake: FakeGitHub) -> None:
    def cancelled(seconds: float) -> None:
        raise CancelledError("cancelled")

    fake.store.throttles = [limited(429)]
    with pytest.raises(CancelledError):
        GitHub(fake.api, "acme/shop", cancelled).check_access()


def test_a_403_that_is_no_limit_is_not_waited_for(fake: FakeGitHub) -> None:
    waits: list[float] = []
    fake.store.may_write = False
    with pytest.raises(GitHubError, match="contents: write"):
        GitHub(fake.api, "acme/shop", waits.append).make_tag_object("v1", "c" * 40, "m")
    assert waits == []


def test_nobody_there_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    with pytest.raises(GitHubError, match="does not answer") as raised:
        GitHub("http://127.0.0.1:1", "acme/shop").check_access()
    assert TOKEN not in str(raised.value)


@pytest.mark.parametrize(
    "api",
    [
        "http://api.github.com",
        "http://127.0.0.1.evil.example",
        "https://u:p@api.github.com",
        "https://",
        "ftp://x",
        "https://x?y=1",
        "https://x\n",
        "https://[",
        "",
    ],
)
def test_a_token_goes_to_https_or_this_machine_only(api: str) -> None:
    with pytest.raises(ValueError, match="is no address of a GitHub API"):
        GitHub(api, "acme/shop")


@pytest.mark.parametrize("name", ["shop", "a/b/c", "-a/b", "a/..", "a/b c", "a/b\n", "a/b?x", ""])
def test_what_is_no_repository_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="is no GitHub repository"):
        GitHub("https://api.github.com", name)


def test_without_a_token_the_places_to_put_one_are_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("GITHUB_TOKEN")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoTokenError, match=r"GITHUB_TOKEN.*GH_TOKEN.*gh auth login"):
        find_token("https://api.github.com")


@pytest.mark.parametrize(
    ("api", "host"),
    [("https://api.github.com", "github.com"), ("https://git.acme.io/api/v3/", "git.acme.io")],
)
def test_the_login_of_gh_is_used_last_and_for_the_right_host(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, api: str, host: str
) -> None:
    gh = tmp_path / "gh"
    gh.write_text('#!/bin/sh\necho "gho_$1-$2-$4"\n')
    gh.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    assert find_token(api).value == TOKEN
    monkeypatch.setenv("GITHUB_TOKEN", " ")
    assert find_token(api).value == f"gho_auth-token-{host}"


@pytest.mark.parametrize("bad", ["a b", "a\nX-Evil: 1", "tokén"])
def test_what_can_be_no_token_is_refused_without_being_shown(
    monkeypatch: pytest.MonkeyPatch, bad: str
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", bad)
    with pytest.raises(ClientError, match="GITHUB_TOKEN") as raised:
        find_token("https://api.github.com")
    assert bad not in str(raised.value)


def test_a_token_is_not_in_its_own_representation() -> None:
    assert TOKEN not in repr(find_token("https://api.github.com"))
