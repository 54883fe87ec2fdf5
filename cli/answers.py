"""How commands answer: tables and lines for a person, one JSON document for a machine."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from release.record_text import harmless

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
Stack = Annotated[str, typer.Option("--stack", "-s", help="The stack, as in Pulumi.<stack>.yaml.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done; do nothing.")]


def console() -> Console:
    """The console of stdout: with colours in a terminal, plain lines elsewhere."""
    wide = None if sys.stdout.isatty() else 10_000
    return Console(width=wide, highlight=False, soft_wrap=True)


def say(text: str = "", style: str = "") -> None:
    """One line for a person."""
    # As Text: what comes from tags and paths must not be read as Rich's markup.
    console().print(Text(harmless(text), style=style))


def show_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A table without lines; each cell as it is."""
    table = Table(box=None, pad_edge=False, header_style="bold", show_edge=False)
    for name in columns:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*(Text(harmless(cell)) for cell in row))
    lines = console()
    with lines.capture() as captured:
        lines.print(table)
    # Padding to the table's width is no use where there is no window.
    for line in captured.get().splitlines():
        sys.stdout.write(line.rstrip() + "\n")


def show_json(document: Any) -> None:
    """The one JSON document of a command."""
    text = json.dumps(document, indent=2, ensure_ascii=False)
    # JSON escapes what a terminal obeys, but for some characters; half a one can't be written.
    sys.stdout.write(harmless(text) + "\n")


def may_ask() -> bool:
    """Whether somebody is there who can answer: both sides are a terminal."""
    return sys.stdin.isatty() and sys.stdout.isatty()
