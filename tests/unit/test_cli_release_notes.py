"""`slipway release-notes`: what a version brought, from its record and the one before it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from cli import release_notes
from infra.release_section import GitHub
from release.record import ImageEntry, Record

D1, D2, D3 = ("sha256:" + letter * 64 for letter in "123")
WHEN = "2026-11-21T10:00:00.000Z"


class FakeRecords:
    """Records in memory, kept oldest first."""

    def __init__(self) -> None:
        self.kept: list[Record] = []

    def add(self, version: str | None, commit: str, digests: dict[str, str], **more: Any) -> Record:
        number = len(self.kept)
        images = {
            name: ImageEntry(repository=f"127.0.0.1:5000/{name}", digest=digest, tag="t")
            for name, digest in digests.items()
        }
        values: dict[str, Any] = {
            "id": f"20261121T1000{number:02}Z-{commit[:7]}-0000{number:02}",
            "previous": self.kept[-1].id if self.kept else None,
            "outcome": "succeeded",
            **more,
        }
        record = Record(
            project="slipway", stack="prod", version=version, commit=commit, checkout=commit,
            who="ann", where="here", started=WHEN, images=images, **values,
        )  # fmt: skip
        self.kept.append(record)
        return record

    def find(self, stack: str, word: str) -> Record | None:
        called = [r for r in self.kept if word in (r.version, r.id, r.commit)]
        return called[-1] if called else None

    def newest(self, stack: str, limit: int) -> list[Record]:
        return self.kept[::-1][:limit]

    def read(self, stack: str, record: str) -> Record:
        return next(each for each in self.kept if each.id == record)


class Bench:
    """A repository with three commits, and records of them."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.records = folder, FakeRecords()
        self.git("init", "-q", "-b", "main")
        self.commits = [self.commit(text) for text in ("First", "Add @ann's cart", "Fix #7")]
        self.github: GitHub | None = GitHub(repository="acme/shop")

    def git(self, *words: str) -> str:
        who = ["-c", "user.name=Ann", "-c", "user.email=ann@example.com"]
        done = subprocess.run(
            ["git", *who, *words], cwd=self.folder, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def commit(self, text: str) -> str:
        self.git("commit", "-q", "--allow-empty", "-m", text)
        return self.git("rev-parse", "HEAD")

    def open(self, name: str) -> Any:
        settings = SimpleNamespace(stack=name, github=self.github)
        return SimpleNamespace(settings=settings, folder=self.folder, records=self.records)

    def run(self, *words: str, warned: str = "") -> str:
        app = typer.Typer()
        app.callback()(lambda: None)
        release_notes.register(app)
        result = CliRunner().invoke(app, ["release-notes", *words], catch_exceptions=False)
        assert result.exit_code == 0, result.output
        assert warned in result.stderr if warned else result.stderr == ""
        return result.stdout


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    made = Bench(tmp_path)
    monkeypatch.setattr(release_notes, "open_stack", made.open)
    return made


def three_releases(bench: Bench) -> list[Record]:
    one, _, three = bench.commits
    add = bench.records.add
    return [
        add("v1.1.0", one, {"shop": D1, "atta": D3}),
        add("v1.2.0", three, {"shop": D2, "atta": D3}),
        add("v1.1.0", one, {"shop": D1, "atta": D3}, rollback=True),
    ]


def test_notes_list_the_commits_and_digests_since_the_record_before(bench: Bench) -> None:
    three_releases(bench)
    text = bench.run("v1.2.0")
    assert "`v1.2.0` follows `v1.1.0` with 2 commits." in text
    assert text.index("`Fix #7`") < text.index("`Add @ann's cart`")
    assert "First" not in text
    assert f"`shop`: from `{D1}` to `{D2}`" in text
    assert f"`atta`: unchanged, `{D3}`" in text
    one, _, three = bench.commits
    assert f"(https://github.com/acme/shop/compare/{one}...{three})" in text


def test_a_version_that_was_rolled_back_to_shows_what_it_brought_at_first(bench: Bench) -> None:
    three_releases(bench)
    assert "`v1.1.0` is the first release" in bench.run("v1.1.0")


def test_the_record_of_a_rollback_itself_shows_no_commits(bench: Bench) -> None:
    rollback = three_releases(bench)[2]
    text = bench.run(rollback.id)
    assert "`v1.1.0` follows `v1.2.0` with no commit." in text
    assert f"from `{D2}` to `{D1}`" in text


def test_a_second_update_of_one_version_is_compared_with_the_version_before(bench: Bench) -> None:
    one, _, three = bench.commits
    bench.records.add("v1.1.0", one, {"shop": D1})
    bench.records.add("v1.2.0", three, {"shop": D2})
    bench.records.add("v1.2.0", three, {"shop": D2, "atta": D3})
    text = bench.run("v1.2.0")
    assert "follows `v1.1.0` with 2 commits" in text
    assert f"`atta`: new, `{D3}`" in text


def test_json_is_one_document_with_everything(bench: Bench) -> None:
    first, second, _ = three_releases(bench)
    bench.github = None
    said = json.loads(bench.run("v1.2.0", "--json"))
    assert said["record"] == second.id
    assert said["previous"] == {"record": first.id, "version": "v1.1.0"}
    assert [change["subject"] for change in said["changes"]] == ["Fix #7", "Add @ann's cart"]
    assert said["images"]["shop"] == {"before": D1, "now": D2}
    assert "Compare" not in said["notes"]


def test_a_version_without_a_record_is_refused(bench: Bench) -> None:
    with pytest.raises(ValueError, match="prod has no record of 'v9'"):
        bench.run("v9")


def test_an_update_that_failed_is_said_to_be_none(bench: Bench) -> None:
    bench.records.add("v1.1.0", bench.commits[0], {"shop": D1}, outcome="failed")
    assert "first release" in bench.run("v1.1.0", warned="is failed: not released")
