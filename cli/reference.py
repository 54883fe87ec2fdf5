"""The page of all commands, from their own help: `python -m cli.reference`."""

from __future__ import annotations

import typer
from typer.cli import get_docs_for_click
from typer.main import get_command

from cli.app import make_app

INTRODUCTION = """# The commands beside Pulumi

`slipway COMMAND`, or `.venv/bin/python -m cli.app COMMAND` where it is not installed. Exit codes:
0 done, 1 refused or failed, 2 not understood. With `--json` a command prints one JSON document.

This page is made from the commands' own help by `make docs`; a test keeps it fresh.
"""


def reference() -> str:
    """The page as Markdown."""
    command = get_command(make_app())
    context = typer.Context(command, **command.context_settings)
    page = get_docs_for_click(obj=command, ctx=context, name="slipway")
    _, _, rest = page.partition("**Usage**")
    return f"{INTRODUCTION}\n**Usage**{rest.rstrip()}\n"


if __name__ == "__main__":
    print(reference(), end="")
