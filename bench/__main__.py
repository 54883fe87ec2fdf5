"""`python -m bench [PART ...]`: one table, every row a ratio measured in this run."""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench import fresh, hosted, hosts, kubernetes, many, page, planning, promotion
from bench.row import Row

DOCS = Path(__file__).resolve().parents[1] / "docs"

PARTS: dict[str, Callable[[], Iterator[Row]]] = {
    "planning": planning.rows,
    "promotion": promotion.rows,
    "many": many.rows,
    "fresh": fresh.rows,
    "hosted": hosted.rows,
    "hosts": hosts.rows,
    "kubernetes": kubernetes.rows,
}


def main(words: list[str] | None = None) -> int:
    """Measures and prints; 1 when something that is compared with is missing."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("parts", nargs="*", help=f"one or more of {', '.join(PARTS)}; default: all")
    parser.add_argument(
        "--docs", action="store_true", help="write table and curves to docs/performance.md as well"
    )
    given = parser.parse_args(words)
    asked = given.parts or list(PARTS)
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
                    if not console.is_terminal:
                        print(f"measured: {row.what}", file=sys.stderr, flush=True)
    except RuntimeError as error:
        problem = str(error)
    if found:
        console.print(table(found))
    if found and given.docs and not problem:
        page.write(DOCS, found, machine())
    if problem:
        print(f"bench: {problem}", file=sys.stderr)
    return 1 if problem else 0


def machine() -> str:
    """A sentence about where and when a run was."""
    with Path("/proc/meminfo").open() as memory:
        gib = int(memory.readline().split()[1]) / 1024 / 1024
    load = os.getloadavg()[2]
    return (
        f"Seen on {time.strftime('%Y-%m-%d')}: {os.cpu_count()} cores, {gib:.0f} GiB, "
        f"{platform.system()} {platform.release().partition('-')[0]}, Python "
        f"{platform.python_version()}; the load of its last 15 minutes was {load:.1f}."
    )


def table(rows: Iterable[Row]) -> Table:
    """The rows; the last column says how many times as long the reference takes."""
    made = Table(title="slipway beside what it is compared with, in one run")
    for name in ("what", "slipway", "", "compared with", "takes", ""):
        made.add_column(name)
    made.add_column("ratio", justify="right", no_wrap=True)
    for row in rows:
        ours, theirs = (row.said(each) for each in (row.ours, row.theirs))
        made.add_row(
            row.what, ours, row.note, row.against, theirs, row.remark, f"{row.ratio:.2f} x"
        )
    return made


if __name__ == "__main__":
    sys.exit(main())
