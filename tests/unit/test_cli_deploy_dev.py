"""`slipway deploy-dev`: every step of seed 003, on real git repositories."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.remote import has, remote
from tests.fakes.shop_stack import World, slipway, world

__all__ = ["remote", "slipway", "world"]


def test_deploy_dev_tags_the_next_version_and_pushes_branch_and_tag(
    world: World, remote: Path, slipway: Any
) -> None:
    for number in (9, 10, 100, 3, 2, 1):
        world.git("tag", f"0.0.{number}-dev")
    world.git("tag", "v1.2.3$(id)-dev")
    world.write("services/shop/app.py", "print('two')\n")
    world.commit("two")
    head = world.git("rev-parse", "HEAD").strip()
    done = slipway("deploy-dev", "--yes")
    assert done.code == 0, done.err
    assert done.out.splitlines() == [
        "1. Fetching the tags of origin",
        "2. The branch must be dev",
        "3. The version",
        "The last dev tags:",
        "  0.1.29-dev",
        "  0.0.100-dev",
        "  0.0.10-dev",
        "  0.0.9-dev",
        "  0.0.3-dev",
        f"   Tagged: 0.1.30-dev ({head[:7]})",
        "4. Pushing dev and 0.1.30-dev",
        "Pushed to origin. The tag 0.1.30-dev starts the deployment.",
    ]
    assert has(remote, "refs/heads/dev") == has(remote, "refs/tags/0.1.30-dev") == head
    assert not has(remote, "refs/tags/0.0.9-dev"), "only the new tag is pushed"


def test_tags_that_only_the_remote_has_count(world: World, remote: Path, slipway: Any) -> None:
    world.git("push", "--quiet", "origin", "HEAD:refs/tags/0.1.40-dev")
    assert json.loads(slipway("deploy-dev", "--yes", "--json").out)["tag"] == "0.1.41-dev"


def test_a_dry_run_prints_the_steps_and_changes_nothing(
    world: World, remote: Path, slipway: Any
) -> None:
    said = slipway("deploy-dev", "--dry-run")
    assert said.code == 0
    assert "Would tag: 0.1.30-dev" in said.out
    assert "4. Would push dev and 0.1.30-dev" in said.out
    assert world.git("tag", "--list", "0.1.30-dev") == ""
    assert not has(remote, "refs/tags/0.1.30-dev")


def test_a_failed_push_says_how_to_go_on_and_the_next_try_does(
    world: World, remote: Path, slipway: Any
) -> None:
    hook = remote / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    refused = slipway("deploy-dev", "--yes")
    assert refused.code == 1
    assert "slipway deploy-dev --version 0.1.30-dev" in refused.err
    hook.unlink()
    done = slipway("deploy-dev", "--version", "0.1.30-dev")
    assert done.code == 0, done.err
    assert "Tagged already: 0.1.30-dev" in done.out
    assert has(remote, "refs/tags/0.1.30-dev")


def refusal(world: World, slipway: Any, *words: str) -> str:
    """The message of a refused deploy-dev that left no tag behind."""
    before = world.git("tag")
    refused = slipway("deploy-dev", "--yes", *words)
    assert refused.code == 1, refused.out
    assert world.git("tag") == before
    return str(refused.err)


def test_another_branch_is_refused(world: World, remote: Path, slipway: Any) -> None:
    world.git("switch", "--quiet", "main")
    said = refusal(world, slipway)
    assert "can only deploy-dev from the branch 'dev', and 'main' is checked out" in said


def test_a_detached_head_is_refused(world: World, remote: Path, slipway: Any) -> None:
    world.git("switch", "--quiet", "--detach")
    assert "a detached HEAD is checked out" in refusal(world, slipway)


def test_a_dirty_tree_is_refused_but_stack_files_do_not_count(
    world: World, remote: Path, slipway: Any
) -> None:
    world.stack("dev", version="1.2.3")
    world.write("services/shop/new.py", "")
    said = refusal(world, slipway)
    assert "not committed: services/shop/new.py; the tag would not have it" in said


def test_a_missing_remote_is_refused(world: World, slipway: Any) -> None:
    world.git("switch", "--quiet", "--create", "dev")
    assert "this repository has no remote 'origin'" in refusal(world, slipway)


def test_a_branch_behind_its_remote_is_refused(world: World, remote: Path, slipway: Any) -> None:
    world.git("commit", "--quiet", "--allow-empty", "--message", "later")
    world.git("push", "--quiet", "origin", "dev")
    world.git("reset", "--quiet", "--hard", "HEAD~1")
    assert "'dev' lacks 1 commit that origin has" in refusal(world, slipway)


def test_a_tag_of_another_commit_is_never_moved(world: World, remote: Path, slipway: Any) -> None:
    world.git("commit", "--quiet", "--allow-empty", "--message", "later")
    said = refusal(world, slipway, "--version", "0.1.29-dev")
    assert "the tag 0.1.29-dev exists already, and tags are never moved" in said


@pytest.mark.parametrize(
    "version", ["0.1.30", "v1.2.3$(id)", "v1.2.3$(id)-dev", "`id`-dev", "-rf-dev", "0.1.030-dev"]
)
def test_a_version_that_is_no_dev_version_is_refused(
    world: World, remote: Path, slipway: Any, version: str
) -> None:
    assert "-dev" in refusal(world, slipway, f"--version={version}")
