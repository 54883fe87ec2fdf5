"""`slipway tag`, in a terminal and without one; hostile names never reach a shell."""

from __future__ import annotations

import os
import pty
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.remote import has, remote
from tests.fakes.shop_stack import World, slipway, world
from tests.unit.test_cli_deploy_dev import refusal

__all__ = ["remote", "slipway", "world"]
PROJECT = Path(__file__).resolve().parents[2]
# -P: the folder that it is started in is not where its code is.
RUN = ["-P", "-m", "cli.app"]


def test_without_a_terminal_a_version_has_to_be_said(
    world: World, remote: Path, slipway: Any
) -> None:
    for command in (["deploy-dev"], ["tag"]):
        refused = slipway(*command)
        assert refused.code == 1
        assert "say --version 0.1.30-dev, or --yes to take the next one" in refused.err
        assert world.git("tag") == "0.1.29-dev\n"


def test_tag_makes_a_tag_of_any_suffix_and_pushes_nothing(
    world: World, remote: Path, slipway: Any
) -> None:
    assert slipway("tag", "--suffix", "rc", "--no-input").out.endswith(
        f"Tagged: 0.1.0-rc ({world.git('rev-parse', 'HEAD')[:7]})\n"
    )
    assert slipway("tag", "--version", "0.2.0-dev").code == 0
    assert world.git("tag").split() == ["0.1.0-rc", "0.1.29-dev", "0.2.0-dev"]
    assert not has(remote, "refs/tags/0.2.0-dev")
    assert "exists already" in slipway("tag", "--version", "0.2.0-dev").err


@pytest.mark.parametrize("suffix", ["$(id)", "a b", "-x;y", "`id`", "d/e"])
def test_a_suffix_that_no_version_has_is_refused(world: World, slipway: Any, suffix: str) -> None:
    refused = slipway("tag", f"--suffix={suffix}", "--yes")
    assert refused.code == 1
    assert "allowed" in refused.err


def typed(folder: Path, answer: str, *words: str) -> tuple[int, str]:
    """Runs a command in a terminal and answers its question."""
    environment = {**os.environ, "PYTHONPATH": str(PROJECT), "TERM": "dumb"}
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(folder)
        os.execve(sys.executable, [sys.executable, *RUN, *words], environment)  # noqa: S606
    shown = b""
    try:
        while b"Enter new version" not in shown:
            shown += os.read(terminal, 1000)
        os.write(terminal, f"{answer}\n".encode())
        while chunk := os.read(terminal, 1000):
            shown += chunk
    except OSError:
        pass  # Linux ends a terminal so
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status), shown.decode()


def test_in_a_terminal_the_version_is_asked_for_and_the_next_one_offered(
    world: World, remote: Path
) -> None:
    code, shown = typed(Path.cwd(), "", "tag")
    assert code == 0, shown
    assert "Enter new version (leave blank for default: 0.1.30-dev):" in shown
    code, shown = typed(Path.cwd(), "0.3.0", "deploy-dev")
    assert code == 1
    assert "Version must end with -dev" in shown
    code, shown = typed(Path.cwd(), "0.3.0-dev", "deploy-dev")
    assert code == 0, shown
    assert has(remote, "refs/tags/0.3.0-dev")


HOSTILE = ["feat/;touch canary", "v1.2.3$(touch${IFS}canary)", "a`touch${IFS}canary`", "x&&y|z"]


@pytest.mark.fault(30, "a command in a branch or tag")
@pytest.mark.parametrize("name", [each.replace(" ", "${IFS}") for each in HOSTILE])
def test_hostile_branch_and_tag_names_never_reach_a_shell(
    world: World, remote: Path, slipway: Any, name: str
) -> None:
    world.git("tag", f"{name}-dev")
    world.git("tag", f"0.9.9{name.replace('/', '')}-dev")
    world.git("switch", "--quiet", "--create", name)
    assert slipway("deploy-dev", "--yes").code == 1
    done = slipway("deploy-dev", "--yes", "--branch", name)
    assert done.code == 0, done.err
    assert has(remote, f"refs/heads/{name}")
    assert has(remote, "refs/tags/0.1.30-dev")
    assert not list(world.top.rglob("canary*"))
    assert not (Path.cwd() / "canary").exists()


@pytest.mark.parametrize("branch", ["--upload-pack=touch canary", "-x", "--all"])
def test_an_option_in_the_place_of_a_name_is_no_option(
    world: World, remote: Path, slipway: Any, branch: str
) -> None:
    assert "can only deploy-dev from" in refusal(world, slipway, f"--branch={branch}")
    assert "has no remote" in refusal(world, slipway, f"--remote={branch}")
    assert not list(world.top.rglob("canary*"))
