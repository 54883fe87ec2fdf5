"""`slipway rollback` and `resume`: what can be gone back to, what is run, what is refused."""

from __future__ import annotations

import json

import pytest
import typer

from cli import history, rollback
from release.record import BundleEntry
from tests.fakes.bucket import BUCKET, store
from tests.fakes.records import D1, D2, pointer_to, record
from tests.fakes.rollback_stack import HOLD, REPOSITORY, Bench, bench

__all__ = ["bench"]


def test_rollback_runs_pulumi_with_the_last_good_version_and_the_hold(bench: Bench) -> None:
    bench.release(9, "v1.0.0")
    bench.release(8, "v1.1.0", D2)
    bench.release(7, "v1.1.5", outcome="failed")
    bench.release(6, "v1.2.0")
    ran = bench.run("rollback", "prod", "--yes", "--why", "the basket\x1b is empty")
    assert ran.exit_code == 0
    assert bench.called("argv") == ["up", "--stack", "prod", "--yes", "-c", "version=v1.1.0"]
    assert bench.called("wishes") == ["SLIPWAY_HOLD=the basket  is empty"]
    assert bench.called("cwd") == [str(bench.out / "project")]
    assert "->  v1.1.0" in ran.stdout
    assert "v1.1.5" not in ran.stdout
    assert "v1.0.0" in ran.stdout
    assert "prod is held at v1.1.0; `slipway resume prod` lifts that" in ran.stdout
    assert "config rm" not in ran.stdout
    bench.version_from = "git-tag"
    said = bench.run("rollback", "prod", "--yes").stdout
    assert "would win over git-tag: when you resume, `pulumi config rm version" in said


@pytest.mark.parametrize("word", ["v1.0.0", "id", "7d2a1b0"])
def test_rollback_goes_to_what_is_named(bench: Bench, word: str) -> None:
    old = bench.release(9, "v1.0.0")
    bench.release(6, "v1.2.0", commit="e" * 40)
    bench.run("rollback", "prod", old.id if word == "id" else word, "--yes")
    assert bench.called("argv")[-1] == "version=v1.0.0"


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("v1.2.0", "is what runs now; it can go back to v1.1.0"),
        ("v1.3.0", "is an update that did not succeed (failed)"),
        ("v1.10.0", "is not older than what runs now, v1.2.0"),
        ("v9.0.0", "prod has no record of 'v9.0.0'; it can go back to v1.1.0"),
        ("v1.2.3$(id)", "has no record of 'v1.2.3$(id)'"),
    ],
)
def test_rollback_refuses_what_is_no_way_back(bench: Bench, word: str, said: str) -> None:
    bench.release(9, "v1.1.0")
    bench.release(8, "v1.10.0", D2)
    bench.release(7, "v1.3.0", outcome="failed")
    bench.release(6, "v1.2.0")
    assert said in bench.error("rollback", "prod", word, "--yes")
    assert not bench.ran()


@pytest.mark.fault(15, "the image or bundle of the rollback is gone")
def test_rollback_refuses_when_an_image_a_name_or_the_bundle_is_gone(bench: Bench) -> None:
    bundle = BundleEntry(bucket=BUCKET, key="bundles/prod/b.tar.gz", sha256="a" * 64, version="v1")
    bench.release(9, "v1.1.0", D2, bundle=bundle)
    bench.release(6, "v1.2.0")
    bench.names.pop(D2)
    said = bench.error("rollback", "prod", "--yes")
    assert f"image shop: {REPOSITORY} has no {D2} any more" in said
    assert f"bundle: s3://{BUCKET}/bundles/prod/b.tar.gz is gone" in said
    bench.names |= {D2: D2, "v1.1.0": D1}
    bench.bucket.objects["bundles/prod/b.tar.gz"] = b""
    said = bench.error("rollback", "prod", "--yes")
    assert f"{REPOSITORY}:v1.1.0 is {D1}, and the record says {D2}" in said
    assert "bundle" not in said
    assert not bench.ran()
    assert bench.heads.count(D2) == 2  # once a run


def test_without_versions_the_record_itself_is_what_is_redeployed(bench: Bench) -> None:
    first = bench.release(9, None)
    second = bench.release(8, None, D2)
    third = bench.release(7, None, "sha256:" + "3" * 64)
    bench.images = "build"
    bench.run("rollback", "prod", "--yes")
    assert bench.called("argv") == ["up", "--stack", "prod", "--yes"]
    assert f"SLIPWAY_SOURCE={second.id}" in bench.called("wishes")
    back = bench.release(6, None, D2, rollback=True, source={"record": second.id})
    bench.run("rollback", "prod", "--yes")
    assert f"SLIPWAY_SOURCE={first.id}" in bench.called("wishes")
    assert "is not older than what runs now" in bench.error("rollback", "prod", third.id, "--yes")
    assert "is what runs now" in bench.error("rollback", "prod", back.id, "--yes")


def test_a_version_that_is_built_is_redeployed_by_its_record(bench: Bench) -> None:
    old = bench.release(9, "v1.1.0")
    bench.release(6, "v1.2.0", D2)
    bench.images = "build"
    bench.run("rollback", "prod", "--yes")
    assert f"SLIPWAY_SOURCE={old.id}" in bench.called("wishes")


@pytest.mark.fault(38, "no terminal to ask at")
def test_nobody_to_ask_is_a_refusal_and_a_no_changes_nothing(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.release(9, "v1.1.0")
    bench.release(6, "v1.2.0")
    assert "say --yes" in bench.error("rollback", "prod")
    monkeypatch.setattr(rollback, "may_ask", lambda: True)
    asked = bench.run("rollback", "prod", input="n\n")
    assert "Roll prod back from v1.2.0 to v1.1.0?" in asked.stdout
    assert asked.exit_code == 1
    assert not bench.ran()
    bench.run("rollback", "prod", input="y\n")
    assert bench.ran()


def test_the_exit_code_is_pulumi_s(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.release(9, "v1.1.0")
    bench.release(6, "v1.2.0")
    monkeypatch.setenv("PULUMI_CODE", "255")
    ran = bench.run("rollback", "prod", "--yes")
    assert ran.exit_code == 255
    assert "is held" not in ran.stdout


def test_json_is_one_document_and_pulumi_speaks_beside_it(
    bench: Bench, capfd: pytest.CaptureFixture[str]
) -> None:
    old = bench.release(9, "v1.1.0")
    new = bench.release(6, "v1.2.0")
    app = typer.Typer()
    rollback.register(app)
    history.register(app)
    with pytest.raises(SystemExit):
        app(["rollback", "prod", "--yes", "--json"])
    out, err = capfd.readouterr()
    assert json.loads(out) == {
        "stack": "prod",
        "from": new.id,
        "to": old.id,
        "version": "v1.1.0",
        "exit_code": 0,
    }
    assert "pulumi says" in err


def test_nothing_to_go_back_to_is_said(bench: Bench) -> None:
    assert "nothing was deployed yet" in bench.error("rollback", "prod", "--yes")
    bench.release(9, "v1.1.0")
    assert "no update before v1.1.0 succeeded" in bench.error("rollback", "prod", "--yes")


def test_resume_lifts_the_hold_and_says_whose_it_was(bench: Bench) -> None:
    store().move(pointer_to(record(1, version="v1.1.0"), hold=HOLD), None)
    said = bench.run("resume", "prod").stdout
    assert said == ("lifted: prod was held by ada since 2026-11-21 07:00: the basket is empty\n")
    assert bench.run("resume", "prod").stdout == "prod was not held\n"
    assert json.loads(bench.run("resume", "prod", "--json").stdout)["lifted"] is None
