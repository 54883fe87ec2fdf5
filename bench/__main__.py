"""`python -m bench [PART ...]`: one table, every row a ratio measured in this run."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator

from rich.console import Console
from rich.table import Table

from bench import hosts, kubernetes, planning, preview, promotion
from bench.row import Row

PARTS: dict[str, Callable[[], Iterator[Row]]] = {
    "planning": planning.rows,
    "promotion": promotion.rows,
    "preview": preview.rows,
    "hosts": hosts.rows,
    "kubernetes": kubernetes.rows,
}


def main(words: list[str] | None = None) -> int:
    """Measures and prints; 1 when something that is compared with is missing."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("parts", nargs="*", help=f"one or more of {', '.join(PARTS)}; default: all")
    asked = parser.parse_args(words).parts or list(PARTS)
    if unknown := sorted(set(asked) - PARTS.keys()):
        parser.error(f"{', '.join(unknown)}: allowed are {', '.join(PARTS)}")
    # A pipe has no width of its own, and a row must not break there.
    console = Console(width=None if sys.stdout.isatty() else 200)
    found: list[Row] = []
    problem = ""
    try:
        with console.status("measuring") as status:
            for part in asked:
                for row in PARTS[part]():
                    found.append(row)
                    status.update(f"measured: {row.what}")
    except RuntimeError as error:
        problem = str(error)
    if found:
        console.print(table(found))
    if problem:
        print(f"bench: {problem}", file=sys.stderr)
    return 1 if problem else 0


def table(rows: Iterable[Row]) -> Table:
    """The rows; the last column says how many times as long the reference takes."""
    made = Table(title="slipway beside what it is compared with, in one run")
    for name in ("what", "slipway", "", "compared with", "takes", ""):
        made.add_column(name)
    made.add_column("ratio", justify="right", no_wrap=True)
    for row in rows:
        ours, theirs = (_said(each) for each in (row.ours, row.theirs))
        made.add_row(
            row.what, ours, row.note, row.against, theirs, row.remark, f"{row.ratio:.2f} x"
        )
    return made


def _said(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.2f} s"


if __name__ == "__main__":
    sys.exit(main())
