"""The rows of a run as Markdown and as curves, for docs/performance.md."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from bench.plot import plot
from bench.row import Row

BEGIN, END = "<!-- measured: `make bench` writes from here -->", "<!-- to here -->"
FOLDER = "performance"


def write(docs: Path, rows: Sequence[Row], machine: str) -> None:
    """Puts the table into performance.md, and a curve for each that has two points beside it.

    Raises ValueError if the page has lost the marks between which the table stands.
    """
    page = docs / "performance.md"
    before, begin, rest = page.read_text().partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"{page} needs the lines {BEGIN!r} and {END!r}, with the table between")
    curves = curves_of(rows)
    (docs / FOLDER).mkdir(exist_ok=True)
    for old in (docs / FOLDER).glob("*.svg"):
        old.unlink()
    for name, svg in curves.items():
        (docs / FOLDER / f"{file_of(name)}.svg").write_text(svg)
    images = [f"![{name}]({FOLDER}/{file_of(name)}.svg)" for name in curves]
    body = "\n\n".join([machine, markdown(rows), *images])
    page.write_text(f"{before}{BEGIN}\n\n{body}\n\n{END}{after}")


def markdown(rows: Iterable[Row]) -> str:
    """The table; the last column says how many times as much the reference takes."""
    head = ["what", "slipway", "", "compared with", "takes", "", "ratio"]
    lines = [f"| {' | '.join(head)} |", f"| {' | '.join(['---'] * len(head))} |"]
    for row in rows:
        against = f"[{row.against}](../{row.source})"
        cells = [
            row.what,
            row.said(row.ours),
            row.note,
            against,
            row.said(row.theirs),
            row.remark,
            f"{row.ratio:.2f}",
        ]
        lines.append("| " + " | ".join(each.replace("|", "\\|") for each in cells) + " |")
    return "\n".join(lines)


def curves_of(rows: Iterable[Row]) -> dict[str, str]:
    """The SVG of each curve that has two points at least, by its name."""
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row.curve:
            found[row.curve].append(row)
    return {
        name: plot(
            name,
            "images" if name == "planning" else "services",
            {
                "slipway": [(each.size, each.ours) for each in points],
                _reference(points): [(each.size, each.theirs) for each in points],
            },
        )
        for name, points in found.items()
        if len(points) > 1
    }


def file_of(curve: str) -> str:
    """The file name of a curve, without its ending."""
    return curve.replace(",", "").replace(" ", "-")


def _reference(points: Sequence[Row]) -> str:
    return points[0].against.partition(";")[0].replace("`", "")
