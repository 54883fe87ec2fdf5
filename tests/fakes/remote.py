"""A remote repository beside the monorepo of `shop_stack`."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.fakes.shop_stack import World


@pytest.fixture
def remote(world: World, tmp_path: Path) -> Path:
    """A remote that has the branch dev and the tag 0.1.29-dev; dev is checked out."""
    bare = tmp_path / "remote.git"
    subprocess.run(["git", "init", "--quiet", "--bare", str(bare)], check=True)
    world.git("switch", "--quiet", "--create", "dev")
    world.git("remote", "add", "origin", str(bare))
    world.git("tag", "0.1.29-dev")
    world.git("push", "--quiet", "origin", "dev", "0.1.29-dev")
    return bare


def has(remote: Path, ref: str) -> str:
    """The commit that a ref of the remote names; empty without it."""
    argv = ["git", "-C", str(remote), "rev-parse", "--quiet", "--verify", ref]
    return subprocess.run(argv, check=False, capture_output=True, text=True).stdout.strip()
