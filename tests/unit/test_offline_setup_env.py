"""env.sh and the language host: what a shell and Pulumi get from this clone."""

from __future__ import annotations

import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from pulumi import RunError

ROOT = Path(__file__).resolve().parents[2]
BARE = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent"}


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    (tmp_path / "clone").mkdir()
    shutil.copy(ROOT / "env.sh", tmp_path / "clone")
    return tmp_path / "clone"


@pytest.fixture(autouse=True)
def _same_import_path(monkeypatch: pytest.MonkeyPatch) -> None:
    """The language host puts the program's folder on the import path."""
    monkeypatch.setattr(sys, "path", list(sys.path))


def shell(script: str, cwd: Path, name: str = "sh", **env: str) -> str:
    done = subprocess.run(
        [name, "-euc", script], cwd=cwd, env=BARE | env, capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    return done.stdout.strip()


@pytest.mark.parametrize("name", ["sh", "bash"])
def test_sourced_in_its_folder_it_points_at_this_clone(clone: Path, name: str) -> None:
    shown = shell('. ./env.sh; echo "$SLIPWAY_PROJECT $PULUMI_BACKEND_URL"', clone, name)
    assert shown == f"{clone} file://{clone}/.slipway/pulumi?metadata=skip"


def test_bash_finds_the_clone_from_any_folder(clone: Path) -> None:
    shown = shell(f'. {clone}/env.sh; echo "$SLIPWAY_STATE"', clone.parent, "bash")
    assert shown == f"{clone}/.slipway"


def test_a_plain_sh_in_another_folder_says_what_to_do(clone: Path) -> None:
    done = subprocess.run(
        ["dash", "-c", f'. {clone}/env.sh; echo "${{SLIPWAY_STATE:-none}}"'],
        cwd=clone.parent, env=BARE, capture_output=True, text=True,
    )  # fmt: skip
    assert "cd PROJECT && . ./env.sh" in done.stderr
    assert done.stdout == "none\n"


def test_sourced_twice_it_changes_nothing_more(clone: Path) -> None:
    assert (
        shell('. ./env.sh; a=$PATH; . ./env.sh; [ "$a" = "$PATH" ] && echo same', clone) == "same"
    )


def test_a_tool_of_the_users_comes_before_the_cache(clone: Path) -> None:
    folders = shell(". ./env.sh; echo $PATH", clone, SLIPWAY_CACHE="/cache").split(":")
    assert folders.index("/usr/bin") < folders.index("/cache/bin")


def test_the_pulumi_that_set_up_chose_comes_before_an_older_one_on_path(clone: Path) -> None:
    (clone / ".slipway").mkdir()
    (clone / ".slipway/env").write_text("export SLIPWAY_PULUMI=/cache/pulumi-3\n")
    folders = shell(". ./env.sh; echo $PATH", clone).split(":")
    assert folders.index("/cache/pulumi-3") < folders.index("/usr/bin")


def test_what_the_user_has_set_stays(clone: Path) -> None:
    shown = shell(
        '. ./env.sh; echo "$PULUMI_BACKEND_URL $PULUMI_CONFIG_PASSPHRASE $SLIPWAY_STATE"',
        clone, PULUMI_BACKEND_URL="s3://x", PULUMI_CONFIG_PASSPHRASE="y",
        SLIPWAY_STATE=f"{clone}/other",
    )  # fmt: skip
    assert shown == f"s3://x y {clone}/other"


def test_a_passphrase_file_is_not_shadowed_by_an_empty_passphrase(clone: Path) -> None:
    shown = shell(
        '. ./env.sh; echo "${PULUMI_CONFIG_PASSPHRASE-unset}"',
        clone, PULUMI_CONFIG_PASSPHRASE_FILE="/x",
    )  # fmt: skip
    assert shown == "unset"


def test_a_second_clone_in_the_same_shell_gets_its_own_state(clone: Path) -> None:
    second = clone.parent / "second"
    shutil.copytree(clone, second)
    shown = shell(
        f'. ./env.sh; cd {second}; . ./env.sh; echo "$SLIPWAY_STATE $PULUMI_BACKEND_URL"', clone
    )
    assert shown == f"{second}/.slipway file://{second}/.slipway/pulumi?metadata=skip"


def test_another_state_folder_in_the_same_shell_gets_its_own_backend(clone: Path) -> None:
    shown = shell(
        '. ./env.sh; export SLIPWAY_STATE=$PWD/test; . ./env.sh; echo "$PULUMI_BACKEND_URL"', clone
    )
    assert shown == f"file://{clone}/test/pulumi?metadata=skip"


def test_the_language_host_runs_the_program_of_the_clone_that_env_sh_names(tmp_path: Path) -> None:
    launcher = tmp_path / "cache/pulumi-language-python"
    launcher.parent.mkdir()
    shutil.copy(ROOT / "offline/language/pulumi-language-python", launcher)
    python = tmp_path / "clone/.venv/bin/python"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\necho "$@"\n')
    python.chmod(0o755)
    env = BARE | {"SLIPWAY_PROJECT": str(tmp_path / "clone")}
    done = subprocess.run([launcher, "127.0.0.1:9"], env=env, capture_output=True, text=True)
    host = f"{tmp_path}/clone/offline/language/language_host.py"
    assert done.stdout == f"-u {host} 127.0.0.1:9\n"
    done = subprocess.run([launcher], env=BARE, capture_output=True, text=True)
    assert "source env.sh" in done.stderr


@pytest.mark.parametrize(
    ("ending", "message"), [("'no such key'", "the program stopped: no such key"), ("3", "3")]
)
def test_a_program_that_exits_with_words_ends_as_a_plain_error(
    tmp_path: Path, ending: str, message: str
) -> None:
    program = runpy.run_path(str(ROOT / "offline/language/language_program.py"))
    (tmp_path / "__main__.py").write_text(f"import sys\nsys.exit({ending})\n")
    with pytest.raises(RunError, match=message):
        program["run_program"](tmp_path)


def test_a_program_may_exit_with_success(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = runpy.run_path(str(ROOT / "offline/language/language_program.py"))
    (tmp_path / "__main__.py").write_text("import sys\nopen('ran', 'w').close()\nsys.exit(0)\n")
    monkeypatch.chdir(tmp_path)
    program["run_program"](tmp_path)
    assert (tmp_path / "ran").exists()
