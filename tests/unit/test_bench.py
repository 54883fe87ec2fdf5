"""What a run of the benchmarks is written as."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from bench import page
from bench.__main__ import PARTS, machine
from bench.plot import plot
from bench.row import Row
from bench.taken import in_turns, peak, taken

ROW = Row(
    what="no-op up of 10 services",
    ours=2.0,
    note="93 resources",
    against="up of an empty program",
    theirs=0.5,
    remark="a | b",
    source="bench/many.py",
    curve="no-op up",
    size=10,
)
PAGE = f"# Performance\n\nBefore.\n\n{page.BEGIN}\nold\n{page.END}\n\nAfter.\n"


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    (tmp_path / "performance.md").write_text(PAGE)
    return tmp_path


def test_a_run_takes_the_place_of_the_one_before_it(docs: Path) -> None:
    rows = [ROW, replace(ROW, size=50, ours=3.0, what="no-op up of 50 services")]
    (docs / page.FOLDER).mkdir()
    (docs / page.FOLDER / "gone.svg").write_text("")
    page.write(docs, rows, "Seen here.")
    text = (docs / "performance.md").read_text()
    assert text.startswith("# Performance\n\nBefore.\n")
    assert text.endswith("After.\n")
    assert "old" not in text
    assert "| no-op up of 10 services | 2.00 s | 93 resources |" in text
    assert "[up of an empty program](../bench/many.py) | 500 ms | a \\| b | 0.25 |" in text
    assert "![no-op up](performance/no-op-up.svg)" in text
    assert [each.name for each in (docs / page.FOLDER).iterdir()] == ["no-op-up.svg"]


def test_a_page_without_its_marks_is_left_alone(docs: Path) -> None:
    (docs / "performance.md").write_text("mine")
    with pytest.raises(ValueError, match="needs the lines"):
        page.write(docs, [ROW], "Seen here.")
    assert (docs / "performance.md").read_text() == "mine"


def test_one_point_is_no_curve() -> None:
    assert page.curves_of([ROW]) == {}
    assert page.curves_of([replace(ROW, curve="")]) == {}


def test_a_curve_has_a_point_for_each_measurement_higher_where_it_took_longer() -> None:
    lines = {"slipway": [(1.0, 0.1), (100.0, 10.0)], "a < b": [(1.0, 0.1)]}
    drawn = ElementTree.fromstring(plot("no-op", "services", lines))  # noqa: S314 -- our own text
    space = "{http://www.w3.org/2000/svg}"
    points = [(float(c.attrib["cx"]), float(c.attrib["cy"])) for c in drawn.iter(f"{space}circle")]
    assert len(points) == 3
    assert points[1][0] > points[0][0]
    assert points[1][1] < points[0][1], "SVG counts from above"
    assert points[2] == points[0]
    assert "a < b" in [each.text for each in drawn.iter(f"{space}text")]


def test_a_curve_needs_points_above_zero() -> None:
    for points in ([], [(0.0, 1.0)]):
        with pytest.raises(ValueError, match="needs points above zero"):
            plot("no-op", "services", {"slipway": points})


def test_amounts_are_said_in_their_unit() -> None:
    assert [ROW.said(0.25), ROW.said(2), replace(ROW, unit="MiB").said(120.4)] == [
        "250 ms",
        "2.00 s",
        "120 MiB",
    ]


def test_the_processor_time_is_that_of_the_processes_and_their_children() -> None:
    busy = f"{sys.executable} -c 'sum(range(10**7))'"
    found = taken(lambda: os.system(f'sh -c "{busy}"'))  # noqa: S605
    assert 0.05 < found.cpu <= found.seconds * (os.cpu_count() or 1) + 0.1
    quick, slow = in_turns(lambda: None, lambda: os.system(busy), times=3)  # noqa: S605
    assert quick.cpu < slow.cpu


def test_memory_is_that_of_the_program_and_the_plugin(tmp_path: Path) -> None:
    program = tmp_path / "language_host.py"
    program.write_text("import time; kept = b'x' * 60_000_000; time.sleep(0.5)")
    assert 60 < peak(lambda: os.system(f"{sys.executable} {program}")) < 120  # noqa: S605
    with pytest.raises(RuntimeError, match="no process of a Pulumi program"):
        peak(lambda: None)


def test_every_reference_is_a_file_of_this_project() -> None:
    top = Path(__file__).parents[2]
    sources = {line for f in (top / "bench").glob("*.py") for line in _sources(f.read_text())}
    assert len(sources) > 5
    for each in sources:
        assert (top / each).is_file(), each
    assert "cores" in machine()
    assert len(PARTS) == 7


def _sources(text: str) -> list[str]:
    return [part for part in text.split('"') if part.startswith("bench/") and part.endswith(".py")]
