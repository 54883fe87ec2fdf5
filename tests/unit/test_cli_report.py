"""`slipway report`: which stacks it reads, what it writes, and what it refuses."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
import typer
from typer.testing import CliRunner, Result

from cli import report
from clients import ClientError
from clients.aws import AwsError
from clients.git import checkout
from clients.git_graph import commit_graph
from tests.fakes.bucket import FakeS3, store, use
from tests.fakes.records import image, pointer_to, record, service
from tests.scratch_repository import Repository

FILES = ("dev", "prod")


class Bench:
    """A project of two stacks whose bucket is in memory, in a real repository."""

    def __init__(self, folder: Path) -> None:
        self.repository = Repository(folder)
        self.folder = folder
        self.out = folder.parent / "page.html"
        self.unread: dict[str, Exception] = {}

    def opened(self, name: str) -> SimpleNamespace:
        if name in self.unread:
            raise self.unread[name]
        if name not in FILES:
            raise ValueError(f"there is no stack file Pulumi.{name}.yaml; allowed: dev, prod")
        images = "promote" if name == "prod" else "build"
        release = SimpleNamespace(images=images, origin=SimpleNamespace(stack="dev"))
        return SimpleNamespace(settings=SimpleNamespace(release=release), records=store())

    def commit(self, subject: str) -> str:
        (self.folder / "file").write_text(subject)
        self.repository.git("add", "--all")
        self.repository.git("commit", "--quiet", "--message", subject)
        return self.repository.git("rev-parse", "HEAD").strip()

    def deploy(self, stack: str, ago: float, commit: str) -> None:
        made = record(
            ago, stack=stack, commit=commit, checkout=commit, images={"shop": image()},
            services={"shop": service()},
        )  # fmt: skip
        store().open(made)
        found = store().pointer(stack)
        store().move(pointer_to(made), found[1] if found else None)

    def run(self, *words: str) -> Result:
        app = typer.Typer()
        report.register(app)
        return CliRunner().invoke(app, ["--out", str(self.out), *words])

    def refused(self, *words: str) -> str:
        ran = self.run(*words)
        assert isinstance(ran.exception, ValueError | ClientError), ran.output
        return str(ran.exception)


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> FakeS3:
    return use(monkeypatch)


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bucket: FakeS3) -> Bench:
    made = Bench(tmp_path / "repository")
    monkeypatch.setattr(report, "open_stack", made.opened)
    monkeypatch.setattr(report, "project_folder", lambda: made.folder)
    for name in FILES:
        (made.folder / f"Pulumi.{name}.yaml").write_text("config: {}\n")
    return made


def test_all_stack_files_are_read_and_git_tells_what_waits(bench: Bench) -> None:
    first = bench.commit("Begin")
    bench.deploy("dev", 5, first)
    bench.deploy("prod", 4, first)
    second = bench.commit("Fill the <basket>")
    bench.deploy("dev", 3, second)
    ran = bench.run()
    assert ran.exit_code == 0, ran.output
    page = bench.out.read_text()
    assert ran.stdout == f"{bench.out}: {len(page.encode()):,} bytes from 3 records of dev, prod\n"
    assert "Fill the &lt;basket&gt;" in page
    assert "promoted from dev" in page
    assert list(bench.out.parent.glob(".page*")) == []


def test_a_stack_that_was_named_must_be_readable(bench: Bench) -> None:
    bench.deploy("dev", 1, bench.commit("Begin"))
    assert "allowed: dev, prod" in bench.refused("--stack", "dev", "--stack", "nope")
    assert not bench.out.exists()
    assert "only dev" not in bench.run("-s", "dev").output
    assert "stack-prod" not in bench.out.read_text()


def test_a_stack_that_was_not_named_is_told_and_the_others_shown(bench: Bench) -> None:
    bench.deploy("dev", 1, bench.commit("Begin"))
    bench.unread["prod"] = AwsError("no AWS credentials were found")
    ran = bench.run()
    assert ran.exit_code == 0
    assert "prod is not in the report: no AWS credentials were found" in ran.stderr
    assert "<strong>Not read.</strong> no AWS credentials" in bench.out.read_text()
    bench.unread["dev"] = AwsError("the same")
    assert bench.refused() == "the same"


def test_damage_and_limits_are_told(bench: Bench, bucket: FakeS3) -> None:
    commit = bench.commit("Begin")
    for ago in (5, 4, 3):
        bench.deploy("dev", ago, commit)
    bucket.objects[f"records/dev/{record(2).id}.json"] = b"{}"
    ran = bench.run("-s", "dev")
    assert "is damaged" in ran.stderr
    assert "1 record can't be read" in bench.out.read_text()
    assert "there are older ones" not in bench.out.read_text()
    bench.run("-s", "dev", "--limit", "2")
    assert "there are older ones" in bench.out.read_text()


def test_without_git_the_page_says_what_it_does_not_know(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for stack, ago in (("dev", 5), ("prod", 4)):
        bench.deploy(stack, ago, bench.commit(stack))
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.setattr(report, "project_folder", lambda: tmp_path / "elsewhere")
    assert bench.run("-s", "dev", "-s", "prod").exit_code == 0
    assert "Which commits lie between is not known" in bench.out.read_text()


@pytest.mark.parametrize(
    ("out", "said"),
    [("", "is a folder; name a file"), ("no/such/page.html", "there is no folder")],
)
def test_a_file_that_cannot_be_is_refused_before_anything_is_read(
    bench: Bench, bucket: FakeS3, out: str, said: str
) -> None:
    bench.out = bench.folder / out
    assert said in bench.refused()
    assert bucket.calls == []


def test_a_number_that_cannot_be_is_a_wrong_use(bench: Bench) -> None:
    for words in (("--days", "0"), ("--limit", "0"), ("--days", "many")):
        assert bench.run(*words).exit_code == 2


def test_the_graph_leaves_out_what_is_not_at_hand(bench: Bench) -> None:
    start = bench.repository.head()
    first, second = bench.commit("Begin"), bench.commit("Go on")
    found = commit_graph(checkout(bench.folder), [second, "e" * 40])
    assert {name: each.parents for name, each in found.items()} == {
        start: (),
        first: (start,),
        second: (first,),
    }
    assert commit_graph(checkout(bench.folder), []) == {}
    said = bench.repository.git("log", "-1", "--format=%ct", second)
    assert found[second].made.timestamp() == int(said)
