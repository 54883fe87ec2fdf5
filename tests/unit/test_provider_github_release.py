"""The resource GitHubRelease: a preview writes nothing, and what is there stays."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from clients import CancelledError
from clients.github_error import GitHubError
from clients.github_publish import TagTakenError
from provider.github_release import GitHubReleaseResource
from provider.resource import Call, Old, Properties
from provider.wire import UNKNOWN
from tests.fakes.github_api import FakeGitHub, served
from tests.fakes.github_store import Store, limited
from tests.fakes.lines import Lines

COMMIT, OTHER = "c" * 40, "d" * 40
TOKEN = "ghp_canary"


class Bench:
    """The resource against the stand-in for GitHub."""

    def __init__(self, fake: FakeGitHub) -> None:
        self.store, self.lines = fake.store, Lines()
        self.resource = GitHubReleaseResource()
        self.call = Call("urn", self.lines, threading.Event())
        self.inputs: dict[str, Any] = {
            "repository": "acme/shop",
            "api": fake.api,
            "tag": "v1.2.0",
            "commit": COMMIT,
            "name": "v1.2.0",
            "notes": "What changed\n- all",
            "record": "r1",
        }

    def preview(self, **inputs: object) -> Properties:
        wanted = {**self.inputs, "record": UNKNOWN, **inputs}
        assert self.resource.check(wanted) == {}
        return self.resource.settle(self.call, wanted, None, True)[1]

    def up(self, **inputs: object) -> Properties:
        made, outputs = self.resource.settle(self.call, {**self.inputs, **inputs}, None, False)
        assert made == "acme/shop"
        return outputs

    def diff(self, **inputs: object) -> tuple[list[str], list[str]]:
        old = Old(inputs=self.inputs, outputs={})
        diff = self.resource.diff(self.call, old, {**self.inputs, **inputs})
        return diff.changed, diff.replaced

    def read(self) -> Properties | None:
        outputs = {"url": "old", "tag": "v1.2.0", "created": True}
        return self.resource.read(self.call, Old(inputs=self.inputs, outputs=outputs))

    @property
    def said(self) -> str:
        return "\n".join(self.lines.facts)


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    monkeypatch.delenv("GH_TOKEN", raising=False)
    with served(Store(token=TOKEN, commits={COMMIT, OTHER})) as fake:
        yield Bench(fake)


def without_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_TOKEN")
    monkeypatch.setenv("PATH", "/nonexistent")


def test_a_preview_prints_the_notes_and_writes_nothing(bench: Bench) -> None:
    outputs = bench.preview()
    assert outputs == {"url": UNKNOWN, "tag": "v1.2.0", "created": True}
    assert f"would be published, with an annotated tag on {COMMIT}" in bench.said
    assert "\nWhat changed\n- all" in bench.said
    assert not [line for line in bench.store.seen if line.startswith("POST")]


def test_a_preview_without_a_token_warns_and_still_prints_the_notes(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_token(monkeypatch)
    bench.preview()
    assert "warning: what GitHub has was not looked at: no token" in bench.said
    assert "- all" in bench.said


def test_a_preview_does_not_wait_for_rate_limits(bench: Bench) -> None:
    bench.store.throttles = [limited(429)]
    bench.preview()
    assert "a preview does not" in bench.said


def test_a_preview_refuses_a_tag_on_another_commit(bench: Bench) -> None:
    bench.store.refs["refs/tags/v1.2.0"] = OTHER
    with pytest.raises(TagTakenError, match=OTHER):
        bench.preview()


def test_a_preview_with_unknown_notes_says_when_they_are_known(bench: Bench) -> None:
    bench.preview(notes=UNKNOWN)
    assert "notes are known when the images are" in bench.said
    assert UNKNOWN not in bench.said


def test_long_notes_are_cut_in_a_preview_only(bench: Bench) -> None:
    bench.preview(notes="\n".join(f"- line {number}" for number in range(500)))
    assert "… and 440 more lines" in bench.said
    assert "line 60" not in bench.said


def test_an_update_publishes_once_and_then_finds_it(bench: Bench) -> None:
    first = bench.up()
    assert first["created"] is True
    assert bench.store.releases[0]["html_url"] == first["url"]
    assert bench.up() == {**first, "created": False}
    assert "is on GitHub already and stays" in bench.said
    assert len(bench.store.releases) == 1


def test_a_rollback_leaves_the_older_release_and_the_newer_one(bench: Bench) -> None:
    bench.up(tag="v1.1.0", name="v1.1.0", commit=OTHER)
    bench.up()
    before = [dict(release) for release in bench.store.releases]
    assert bench.diff(tag="v1.1.0") == (["tag"], [])
    back = bench.up(tag="v1.1.0", name="v1.1.0", commit=OTHER, notes="Rolled back")
    assert back["created"] is False
    assert bench.store.releases == before
    assert "v1.1.0 has another text, which stays" in bench.said


def test_only_repository_and_tag_are_a_diff(bench: Bench) -> None:
    assert bench.diff(notes="other", record="r2", commit=OTHER, name="x") == ([], [])
    assert bench.diff(tag="v1.3.0") == (["tag"], [])
    assert bench.diff(repository="acme/other") == (["repository"], ["repository"])
    assert bench.store.seen == []


def test_a_release_that_somebody_deleted_is_made_again(bench: Bench) -> None:
    assert bench.read() is None
    bench.up()
    found = bench.read()
    assert found is not None
    assert found["url"] == bench.store.releases[0]["html_url"]


def test_a_hidden_repository_is_no_vanished_release(bench: Bench) -> None:
    bench.up()
    bench.store.repository = "acme/other"
    with pytest.raises(GitHubError, match="no repository acme/shop"):
        bench.read()


def test_a_refresh_without_a_token_keeps_what_is_known(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_token(monkeypatch)
    assert bench.read() == {"url": "old", "tag": "v1.2.0", "created": True}


def test_waiting_ends_when_the_run_is_cancelled(bench: Bench) -> None:
    bench.store.throttles = [limited(429, after="60")]
    bench.call.cancelled.set()
    with pytest.raises(CancelledError):
        bench.up()


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        ("repository", "shop"),
        ("api", "http://api.github.com"),
        ("tag", "v1.2.3$(id)"),
        ("tag", ""),
        ("commit", "abc1234"),
        ("notes", "x" * 125_001),
    ],
)
def test_bad_inputs_are_refused_at_their_property(bench: Bench, name: str, bad: str) -> None:
    assert list(bench.resource.check({**bench.inputs, name: bad})) == [name]


def test_the_token_is_in_no_output_and_no_line(bench: Bench) -> None:
    outputs = bench.up()
    bench.preview()
    bench.store.token = "another"
    with pytest.raises(GitHubError) as raised:
        bench.up()
    assert TOKEN not in f"{outputs} {bench.said} {raised.value}"
