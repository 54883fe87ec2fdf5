"""`make tag` and `make deploy-dev`: what the caller says is read by neither make nor a shell."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.fakes.remote import has, remote
from tests.fakes.shop_stack import World, world

__all__ = ["remote", "world"]
PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture
def top(world: World, remote: Path) -> Path:
    """The monorepo with this project's Makefile; set-up does nothing there."""
    shutil.copy(PROJECT / "Makefile", world.top)
    world.write("setup.sh", "exit 0\n")
    world.write("env.sh", f"export PYTHONPATH={PROJECT} PYTHONSAFEPATH=1\n")
    world.write(".gitignore", ".venv\n")
    (world.top / ".venv").symlink_to(PROJECT / ".venv")
    world.commit("make")
    world.git("push", "--quiet", "origin", "dev")
    return world.top


def make(top: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Runs make there; a word that is run by anybody would leave a file named canary."""
    environment = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "VERSION")}
    return subprocess.run(
        ["make", *words], cwd=top, env=environment, capture_output=True, text=True, check=False
    )


def test_make_tag_makes_a_tag_and_pushes_nothing(top: Path, world: World, remote: Path) -> None:
    done = make(top, "tag", "SUFFIX=rc", "VERSION=0.3.0-rc")
    assert done.returncode == 0, done.stderr
    assert "Tagged: 0.3.0-rc" in done.stdout
    assert not has(remote, "refs/tags/0.3.0-rc")


def test_make_deploy_dev_pushes_branch_and_tag(top: Path, world: World, remote: Path) -> None:
    done = make(top, "deploy-dev", "VERSION=0.1.30-dev")
    assert done.returncode == 0, done.stderr
    assert has(remote, "refs/tags/0.1.30-dev") == has(remote, "refs/heads/dev")


def test_without_suffix_and_version_the_next_dev_version_is_offered(top: Path) -> None:
    assert "say --version 0.1.30-dev, or --yes" in make(top, "tag").stderr


HOSTILE = ["$(shell touch canary)", "`touch canary`", ";touch canary", "$$(touch canary)", "'\"$x"]


@pytest.mark.parametrize("word", HOSTILE)
@pytest.mark.parametrize("variable", ["SUFFIX", "VERSION"])
@pytest.mark.parametrize("target", ["tag", "deploy-dev"])
def test_hostile_words_are_refused_and_run_by_nobody(
    top: Path, world: World, target: str, variable: str, word: str
) -> None:
    before = world.git("tag")
    done = make(top, target, f"{variable}={word}")
    assert done.returncode != 0
    assert "allowed" in done.stderr
    assert not list(top.rglob("canary*"))
    assert world.git("tag") == before
