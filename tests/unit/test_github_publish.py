"""A release on GitHub: made once, whatever is lost on the way, and never over somebody's work."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from clients.github import GitHub
from clients.github_error import GitHubError
from clients.github_publish import Published, ReleaseWish, publish
from tests.fakes.github_api import FakeGitHub, served
from tests.fakes.github_store import Answer, Store, failure

COMMIT, OTHER = "c" * 40, "d" * 40
WISH = ReleaseWish(tag="v1.2.0", commit=COMMIT, name="v1.2.0", notes="Notes", record="r1")
STEPS = ("/git/tags", "/git/refs", "/releases")


@pytest.fixture(autouse=True)
def _token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "fake-token")


@pytest.fixture
def fake() -> Iterator[FakeGitHub]:
    with served(Store(commits={COMMIT, OTHER})) as server:
        yield server


def client(fake: FakeGitHub) -> GitHub:
    return GitHub(fake.api, "acme/shop", lambda seconds: None)


def go(fake: FakeGitHub, wish: ReleaseWish = WISH) -> Published:
    return publish(client(fake), wish)


def posts(fake: FakeGitHub) -> list[str]:
    return [line for line in fake.store.seen if line.startswith("POST")]


def assert_one_release(fake: FakeGitHub) -> None:
    """One tag object that something refers to, one reference, one release."""
    store = fake.store
    assert list(store.refs) == ["refs/tags/v1.2.0"]
    assert store.tags[store.refs["refs/tags/v1.2.0"]]["object"]["sha"] == COMMIT
    assert [release["tag_name"] for release in store.releases] == ["v1.2.0"]


def test_a_release_is_published_with_its_annotated_tag(fake: FakeGitHub) -> None:
    published = go(fake)
    assert_one_release(fake)
    assert published.created
    assert published.url.endswith("/acme/shop/releases/tag/v1.2.0")
    assert fake.store.tags[published.tag_sha]["message"] == "v1.2.0\n\nRecord: r1\n"
    made = fake.store.releases[0]
    assert (made["body"], made["name"], made["draft"]) == ("Notes", "v1.2.0", False)


def test_a_second_time_writes_nothing(fake: FakeGitHub) -> None:
    first = go(fake)
    fake.store.seen.clear()
    second = go(fake)
    assert posts(fake) == []
    assert (second.created, second.url, second.tag_sha) == (False, first.url, first.tag_sha)
    assert second.remarks == ()


@pytest.mark.parametrize("gateway", [None, 502])
@pytest.mark.parametrize("step", STEPS)
def test_a_lost_answer_makes_nothing_twice(
    fake: FakeGitHub, step: str, gateway: int | None
) -> None:
    fake.store.lost, fake.store.gateway = [("POST", step)], gateway
    published = go(fake)
    assert fake.store.lost == []
    assert published.created
    assert_one_release(fake)
    assert not go(fake).created
    assert_one_release(fake)


@pytest.mark.parametrize("step", STEPS)
def test_a_run_that_ended_after_any_step_is_taken_up_by_the_next(
    fake: FakeGitHub, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clients.github_publish._ATTEMPTS", 1)
    fake.store.lost = [("POST", step)]
    if step == "/git/tags":
        with pytest.raises(GitHubError, match="does not answer"):
            go(fake)
    else:
        go(fake)
    go(fake)
    assert_one_release(fake)


@pytest.mark.parametrize(
    "answer", [failure(502, "Server Error"), failure(422, "Object does not exist")]
)
def test_one_tag_object_serves_all_attempts_to_add_the_tag(
    fake: FakeGitHub, answer: Answer
) -> None:
    fake.store.broken = [("POST", "/git/refs", answer)] * 2
    go(fake)
    assert len(fake.store.tags) == 1
    assert_one_release(fake)


def test_a_server_that_stays_broken_is_an_error_that_names_the_step(fake: FakeGitHub) -> None:
    fake.store.lost = [("POST", "/git/tags")] * 9
    with pytest.raises(GitHubError, match=r"writing tag v1\.2\.0 of acme/shop"):
        go(fake)
    assert fake.store.refs == {}


def test_a_tag_on_another_commit_is_an_error_that_shows_both(fake: FakeGitHub) -> None:
    fake.store.refs["refs/tags/v1.2.0"] = OTHER
    with pytest.raises(GitHubError, match=f"on commit {OTHER}.*{COMMIT}"):
        go(fake)
    assert posts(fake) == []


def test_an_annotated_tag_on_another_commit_is_an_error_too(fake: FakeGitHub) -> None:
    client(fake).make_tag_reference("v1.2.0", client(fake).make_tag_object("v1.2.0", OTHER, "m"))
    with pytest.raises(GitHubError, match=f"on commit {OTHER}.*{COMMIT}"):
        go(fake)


def test_a_plain_tag_on_the_right_commit_stays_and_is_remarked(fake: FakeGitHub) -> None:
    fake.store.refs["refs/tags/v1.2.0"] = COMMIT
    published = go(fake)
    assert published.tag_sha == COMMIT
    assert published.created
    assert "without a message" in published.remarks[0]
    assert fake.store.tags == {}


def test_a_draft_stays_as_a_person_left_it(fake: FakeGitHub) -> None:
    fake.store.make_release({"tag_name": "v1.2.0", "body": "mine", "draft": True})
    before = dict(fake.store.releases[0])
    published = go(fake)
    assert fake.store.releases == [before]
    assert not published.created
    assert "draft" in published.remarks[0]


def test_a_draft_among_hundreds_of_releases_is_found(fake: FakeGitHub) -> None:
    fake.store.make_release({"tag_name": "v1.2.0", "body": "mine", "draft": True})
    for number in range(250):
        fake.store.make_release({"tag_name": f"x{number}", "draft": True})
    assert not go(fake).created
    assert len(fake.store.releases) == 251


def test_another_text_stays_as_a_person_left_it(fake: FakeGitHub) -> None:
    go(fake)
    fake.store.releases[0]["body"] = "A person wrote this"
    published = go(fake)
    assert "another text" in published.remarks[0]
    assert fake.store.releases[0]["body"] == "A person wrote this"


def test_line_ends_alone_are_no_other_text(fake: FakeGitHub) -> None:
    go(fake)
    fake.store.releases[0]["body"] = "Notes\r\n"
    assert go(fake).remarks == ()


def test_a_commit_that_was_not_pushed_is_said_before_anything_is_made(fake: FakeGitHub) -> None:
    fake.store.commits = {OTHER}
    with pytest.raises(GitHubError, match=r"does not have commit c{40}.*git push"):
        go(fake)
    assert posts(fake) == []


def test_somebody_who_was_faster_is_found(fake: FakeGitHub) -> None:
    github = client(fake)
    make = github.make_tag_reference

    def late(tag: str, sha: str) -> None:
        make(tag, github.make_tag_object(tag, COMMIT, "theirs"))
        make(tag, sha)

    github.make_tag_reference = late  # type: ignore[method-assign]
    published = publish(github, WISH)
    assert fake.store.tags[published.tag_sha]["message"] == "theirs"
    assert_one_release(fake)


def test_what_github_refuses_is_not_tried_again(fake: FakeGitHub) -> None:
    wish = ReleaseWish(tag="v1.2.0", commit=COMMIT, name="v1", notes="x" * 125_001)
    with pytest.raises(GitHubError, match="body is too long"):
        go(fake, wish)
    assert posts(fake).count("POST /repos/acme/shop/releases") == 1


@pytest.mark.parametrize("tag", ["", "-x", "a..b", "a/b", "v1\n", "v1 2", "a.lock", "v" * 129])
def test_what_is_no_tag_is_refused_before_any_call(fake: FakeGitHub, tag: str) -> None:
    with pytest.raises(ValueError, match="is no tag for a release"):
        go(fake, ReleaseWish(tag=tag, commit=COMMIT, name="v1", notes=""))
    assert fake.store.seen == []


def test_a_short_outage_is_waited_out(fake: FakeGitHub) -> None:
    fake.store.throttles = [failure(503, "Unavailable")]
    assert go(fake).created
