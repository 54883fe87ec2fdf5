"""The door of the commands: help, exit codes, one message an error, the page of all commands."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cli.app import THEMES, make_app
from cli.reference import reference
from clients import ClientError
from tests.fakes.shop_stack import World, slipway, world

__all__ = ["slipway", "world"]
PROJECT = Path(__file__).resolve().parents[2]
COMMANDS = {
    "build",
    "comment",
    "scan",
    "summary",
    "images", "why", "latest", "next", "release", "tag", "deploy-dev", "history", "rollback",
    "resume", "check", "release-notes", "status", "report", "logs", "shell", "run", "unlock",
    "loses", "cleanup",
}  # fmt: skip


def test_the_committed_page_of_commands_is_fresh() -> None:
    page = (PROJECT / "docs" / "commands.md").read_text()
    assert page == reference(), "run `make docs`"


def test_every_command_is_there_and_on_the_page() -> None:
    names = {each.name for each in make_app().registered_commands}
    assert names == COMMANDS
    page = reference()
    for name in COMMANDS:
        assert f"\n## `slipway {name}`\n" in page


def test_every_module_with_commands_is_registered() -> None:
    found = set()
    for file in (PROJECT / "cli").glob("*.py"):
        tree = ast.parse(file.read_text())
        if any(isinstance(each, ast.FunctionDef) and each.name == "register" for each in tree.body):
            found.add(f"cli.{file.stem}")
    assert found == {theme.__name__ for theme in THEMES}


def test_it_starts_without_being_installed_and_without_a_terminal_is_plain_text() -> None:
    argv = [sys.executable, "-m", "cli.app", "--help"]
    done = subprocess.run(argv, cwd=PROJECT, capture_output=True, text=True, check=True)
    assert "Usage: slipway" in done.stdout
    assert "\x1b" not in done.stdout


@pytest.mark.parametrize("error", [ClientError("no such thing"), ValueError("no such thing")])
def test_an_error_is_one_message_and_code_1(
    world: World, slipway: Any, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(_: str) -> None:
        raise error

    monkeypatch.setattr("cli.images.open_stack", fail)
    refused = slipway("images")
    assert (refused.code, refused.out, refused.err) == (1, "", "slipway: no such thing\n")


@pytest.mark.fault(38, "what a command prints to is full, or nobody reads it")
def test_a_command_whose_output_is_lost_ends_without_a_traceback() -> None:
    argv = [sys.executable, "-m", "cli.app", "--help"]
    with open("/dev/full", "w") as full:
        done = subprocess.run(argv, cwd=PROJECT, stdout=full, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 1
    assert done.stderr.decode() == "slipway: [Errno 28] No space left on device\n"
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(argv, cwd=PROJECT, stdout=writer, stderr=subprocess.PIPE, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (1, b"")


def test_what_names_say_is_never_read_as_markup(world: World, slipway: Any) -> None:
    world.git("remote", "add", "origin", str(world.top))
    refused = slipway("deploy-dev", "--branch", "[bold]x[/bold]", "--dry-run")
    assert "2. The branch must be [bold]x[/bold]\n" in refused.out
    assert "from the branch '[bold]x[/bold]'" in refused.err
