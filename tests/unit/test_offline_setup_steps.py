"""The plan of set-up, what makes it ready, and its messages."""

from __future__ import annotations

import json
import sys
import tarfile
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from offline import images, setup, setup_official, setup_run, setup_steps
from offline.setup_error import SetupError, guarded
from offline.setup_pins import recipe_digest
from offline.setup_place import state_at


def test_rights_and_disk_are_checked_before_anything_long_runs(tmp_path: Path) -> None:
    names = [step.name for step in setup_steps.plan(state_at(tmp_path))]
    assert names[:2] == ["rights", "disk"]
    assert names.index("python packages") < names.index("machine image") < names.index("pulumi")
    assert names[-1] == "environment", "what env.sh reads is written when all is there"


def test_a_workflow_sets_up_what_deploying_needs_and_leaves_docker_alone(tmp_path: Path) -> None:
    names = [step.name for step in setup_steps.plan(state_at(tmp_path), tools=True)]
    assert names == ["python packages", "pulumi", "language host", "plugins", "environment"]
    setup_steps.environment(state_at(tmp_path), tools=True)
    assert (tmp_path / "env").exists()
    assert not (tmp_path / "engine.env").exists(), "a runner's own builder is used"


def test_too_little_disk_says_how_much_is_missing_where_and_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(SetupError) as caught:
        setup_steps.checked_disk(tmp_path, free=1.25, needed=9)
    for word in ("1.2 GB", str(tmp_path), "9 GB", "SLIPWAY_CACHE"):
        assert word in str(caught.value)


def test_a_user_without_a_docker_engine_is_told_both_ways_out() -> None:
    with pytest.raises(SetupError, match=r"user 1000.*`docker ps` works.*as root"):
        setup_steps.checked_rights(1000, made=False, engine_answers=lambda: False)
    assert "1000" in setup_steps.checked_rights(1000, made=False, engine_answers=lambda: True)
    assert setup_steps.checked_rights(0, made=False, engine_answers=lambda: False) == "root"


@pytest.fixture
def ready_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state folder whose stamp names one file, `tool`."""
    monkeypatch.setattr(setup, "PROGRAMS", ("sh",))
    (tmp_path / "tool").write_text("x")
    stamp = {"recipe": recipe_digest(), "files": [str(tmp_path / "tool")]}
    (tmp_path / "ready.json").write_text(json.dumps(stamp))
    return tmp_path


def test_set_up_is_ready_while_the_recipe_and_the_files_are_the_same(ready_place: Path) -> None:
    assert setup.is_ready(state_at(ready_place))


def test_set_up_is_not_ready_when_a_file_is_gone(ready_place: Path) -> None:
    (ready_place / "tool").unlink()
    assert not setup.is_ready(state_at(ready_place))


def test_set_up_is_not_ready_when_a_program_of_the_system_is_gone(
    ready_place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(setup, "PROGRAMS", ("sh", "no-such-program"))
    assert not setup.is_ready(state_at(ready_place))


@pytest.mark.parametrize("stamp", ["", "[]", '{"recipe": "older", "files": []}', '{"files": []}'])
def test_a_broken_or_older_stamp_is_not_ready(ready_place: Path, stamp: str) -> None:
    (ready_place / "ready.json").write_text(stamp)
    assert not setup.is_ready(state_at(ready_place))


def test_a_changed_pin_changes_the_recipe(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("pulumi==1.0.0\n")
    before = recipe_digest(tmp_path)
    (tmp_path / "requirements.txt").write_text("pulumi==1.0.1\n")
    assert recipe_digest(tmp_path) != before


@pytest.mark.parametrize(
    ("last", "way_out"),
    [
        ("write x: No space left on device", "SLIPWAY_CACHE"),
        ("dial tcp: lookup proxy: no such host", "network"),
        ("undefined: x", "make setup"),
    ],
)
def test_a_failed_command_shows_the_end_of_its_log_and_the_way_out(
    tmp_path: Path, last: str, way_out: str
) -> None:
    log = tmp_path / "log"
    script = f"import sys; print('first'); print({last!r}); sys.exit(7)"
    with pytest.raises(SetupError) as caught:
        setup_run.run("the build", [sys.executable, "-c", script], log)
    for word in ("the build failed with exit code 7", str(log), last, way_out):
        assert word in str(caught.value)


def test_a_download_that_fails_is_begun_again_and_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(setup_run, "PAUSES", (0.1, 0.1))
    tries = tmp_path / "tries"
    script = (
        f"n = open({str(tries)!r}, 'a+'); n.write('x'); n.seek(0); tries = len(n.read())\n"
        "print('No matching distribution found'); raise SystemExit(tries < 3)"
    )
    setup_run.fetch("packages", [sys.executable, "-c", script], tmp_path / "log")
    assert tries.read_text() == "xxx"
    assert capsys.readouterr().out.count("packages: failed, again in 0 s  No matching") == 2

    script = script.replace("tries < 3", "1")
    with pytest.raises(SetupError, match="packages failed with exit code 1"):
        setup_run.fetch("packages", [sys.executable, "-c", script], tmp_path / "log")
    assert tries.read_text() == "xxxxxx"


def test_a_download_onto_a_full_disk_is_not_begun_again(tmp_path: Path) -> None:
    script = "print('No space left on device'); print('x', file=open('tries', 'a')); exit(1)"
    with pytest.raises(SetupError, match="The disk is full"):
        setup_run.fetch("packages", [sys.executable, "-c", script], tmp_path / "log", cwd=tmp_path)
    assert (tmp_path / "tries").read_text() == "x\n"


def test_a_long_command_shows_the_time_and_the_last_line_of_its_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(setup_run, "EVERY_SECONDS", 0.3)
    script = "import time; print('compiling x', flush=True); time.sleep(1)"
    setup_run.run("the build", [sys.executable, "-c", script], tmp_path / "log")
    assert "the build: " in (shown := capsys.readouterr().out)
    assert "compiling x" in shown


def test_an_error_is_one_message_and_exit_code_1(capsys: pytest.CaptureFixture[str]) -> None:
    def fails() -> int:
        raise SetupError("the disk is full; free some")

    assert guarded(fails) == 1
    assert capsys.readouterr().err == "\nerror: the disk is full; free some\n"


def test_ctrl_c_is_no_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    def stopped() -> int:
        raise KeyboardInterrupt

    assert guarded(stopped) == 130
    assert "run the same command again" in capsys.readouterr().err


def test_a_tar_of_an_older_recipe_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLIPWAY_CACHE", str(tmp_path))
    (tmp_path / "images").mkdir()
    (tmp_path / "images/base.tar").write_text("x")
    assert not images.is_made(images.BASE), "nobody knows what it was made of"
    (tmp_path / "images/base.recipe").write_text(images.BASE.recipe)
    assert images.is_made(images.BASE)
    assert not images.is_made(images.Image("base", (*images.BASE.packages, "curl")))


class Server(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@pytest.fixture
def server(tmp_path: Path) -> str:
    """A download server with one release of Pulumi, version 1.2.3, for x64."""
    (release := tmp_path / "releases/sdk").mkdir(parents=True)
    (program := tmp_path / "pulumi").write_text("#!/bin/sh\necho v1.2.3\n")
    program.chmod(0o755)
    with tarfile.open(release / "pulumi-v1.2.3-linux-x64.tar.gz", "w:gz") as archive:
        archive.add(program, "pulumi/pulumi")
        archive.add(program, "pulumi/pulumi-language-python")
    http = ThreadingHTTPServer(
        ("127.0.0.1", 0), lambda *words: Server(*words, directory=str(tmp_path))
    )
    Thread(target=http.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{http.server_port}"


def test_the_official_release_is_unpacked_with_its_language_host(
    server: str, tmp_path: Path
) -> None:
    url = setup_official.archive_url("1.2.3", server, "x86_64")
    assert setup_official.reachable(url)
    setup_official.install(url, tmp_path / "cache/pulumi-1.2.3")
    made = {path.name for path in (tmp_path / "cache/pulumi-1.2.3").iterdir()}
    assert made == {"pulumi", "pulumi-language-python"}
    assert not list((tmp_path / "cache").glob("*.part"))


def test_a_release_that_is_not_there_or_breaks_off_leaves_nothing(
    server: str, tmp_path: Path
) -> None:
    missing = setup_official.archive_url("9.9.9", server, "x86_64")
    assert not setup_official.reachable(missing)
    whole = tmp_path / "releases/sdk/pulumi-v1.2.3-linux-x64.tar.gz"
    whole.write_bytes(whole.read_bytes()[:60])
    with pytest.raises(SetupError, match="broke off"):
        setup_official.install(
            setup_official.archive_url("1.2.3", server, "x86_64"), tmp_path / "cache/pulumi-1.2.3"
        )
    assert not (tmp_path / "cache/pulumi-1.2.3").exists()
