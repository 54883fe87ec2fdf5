"""`slipway comment` with a pulumi that prints what one printed, against GitHub's stand-in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cli.comment import number_of_event
from cli.preview import masked, previewed
from tests.fakes.github_api import served
from tests.fakes.github_store import Store
from tests.unit.test_changes import plan


@pytest.fixture
def pulumi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program `pulumi` that prints the files out and err, and ends with the code in code."""
    program = tmp_path / "pulumi"
    program.write_text(
        f'#!/bin/sh\necho "$@" >{tmp_path}/asked\ncat {tmp_path}/err >&2\ncat {tmp_path}/out\n'
        f"exit $(cat {tmp_path}/code)\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    for name, text in (("out", json.dumps(plan())), ("err", ""), ("code", "0")):
        (tmp_path / name).write_text(text)
    return tmp_path


def test_the_engine_is_asked_for_a_preview_and_nothing_else(pulumi: Path) -> None:
    assert previewed("dev").headline == "2 images to build, 2 services change, 1 untouched"
    assert (pulumi / "asked").read_text().split() == [
        *("preview", "--stack", "dev", "--json", "--non-interactive")
    ]


def test_a_stack_that_is_not_made_yet_is_no_failure(pulumi: Path) -> None:
    (pulumi / "out").write_text("")
    (pulumi / "err").write_text("error: no stack named 'dev' found\n")
    (pulumi / "code").write_text("255")
    found = previewed("dev")
    assert found.failure == ""
    assert "pulumi up --stack dev" in found.notes[0]


def test_a_preview_that_fails_says_why(pulumi: Path) -> None:
    (pulumi / "out").write_text("")
    (pulumi / "err").write_text("error: the passphrase is wrong\n")
    (pulumi / "code").write_text("255")
    assert previewed("dev").failure == "error: the passphrase is wrong"
    assert "there is no stack file" in previewed("nix").failure


def test_a_plan_with_a_bad_end_is_a_failure_too(pulumi: Path) -> None:
    (pulumi / "code").write_text("1")
    assert "exit code 1" in previewed("dev").failure


def test_a_secret_in_a_message_is_masked(pulumi: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "canary-4711")
    (pulumi / "out").write_text("")
    (pulumi / "err").write_text("error: canary-4711 is wrong\n")
    assert previewed("dev").failure == "error: *** is wrong"
    assert masked("ab", {"GITHUB_TOKEN": "ab"}) == "ab", "two letters are part of words"


def run(*words: str) -> int:
    from cli.app import main

    with pytest.raises(SystemExit) as ended:
        main(["comment", *words])
    return int(ended.value.code or 0)


def test_one_comment_has_both_stacks_and_is_edited_in_place(
    pulumi: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with served(Store(token="ghs_t")) as github:
        event = pulumi / "event.json"
        event.write_text('{"pull_request": {"number": 7}}')
        for name, value in {
            "GITHUB_TOKEN": "ghs_t",
            "GITHUB_API_URL": github.api,
            "GITHUB_REPOSITORY": "acme/shop",
            "GITHUB_EVENT_PATH": str(event),
            "GITHUB_SHA": "c0ffee" * 6 + "beef",
            "GITHUB_RUN_ID": "42",
        }.items():
            monkeypatch.setenv(name, value)
        assert run("--stack", "dev", "--stack", "prod", "--post") == 0
        said = capsys.readouterr().out
        (pulumi / "out").write_text('{"steps": []}')
        assert run("--stack", "dev", "--post", "--markdown") == 0
        comments = [each["body"] for each in github.store.comments]
    assert "dev: 2 images to build" in said
    assert "prod: 2 images to build" in said
    assert "/pull/7#issuecomment-" in said
    assert len(comments) == 1
    assert "0 images to build, 0 services change, 0 untouched" in comments[0]
    assert "Commit c0ffeec, run 42" in comments[0]


def test_a_stack_without_a_preview_is_commented_and_ends_with_one(
    pulumi: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--stack", "dev", "--stack", "nix", "--markdown") == 1
    told = capsys.readouterr()
    assert "there is no stack file" in told.out
    assert "no preview of nix" in told.err


def test_which_pull_request_is_asked_before_anything_is_previewed(
    pulumi: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("GITHUB_EVENT_PATH", raising=False)
    assert run("--stack", "dev", "--post") == 1
    assert "--pull-request NUMBER" in capsys.readouterr().err
    assert not (pulumi / "asked").exists()
    for text in ('{"pull_request": {"number": "7"}}', "[]", '{"pull_request": null}'):
        (pulumi / "event").write_text(text)
        with pytest.raises(ValueError, match="no run for a pull request"):
            number_of_event({"GITHUB_EVENT_PATH": str(pulumi / "event")})
    with pytest.raises(ValueError, match="can't be read"):
        number_of_event({"GITHUB_EVENT_PATH": str(pulumi / "nothing")})
