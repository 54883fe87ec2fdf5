"""What a run of tests has left: which tests failed and how, how far it is, its last words."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

LINES = 12
"""Lines told of each failure, the last ones: an assertion stands there."""


def told_of(report: Path) -> list[str]:
    """One text for each failed test in pytest's JUnit report: its name and how it ended."""
    found = []
    for case, end in _failed(report):
        told = (end.text or end.get("message") or "").strip().splitlines()[-LINES:]
        name = f"{report.stem}: {case.get('classname')}::{case.get('name')}"
        found.append("\n".join([name, *(f"    {each}" for each in told)]))
    return found


def failed_modules(report: Path) -> list[str]:
    """The files of the failed tests; none if there is no report, as after a crash."""
    if not report.is_file():
        return []
    # A module that can't be imported has no class, and its own name.
    names = {case.get("classname") or str(case.get("name")) for case, _ in _failed(report)}
    return sorted({_file(name) for name in names})


def _failed(report: Path) -> list[tuple[ElementTree.Element, ElementTree.Element]]:
    cases = ElementTree.parse(report).iter("testcase")  # noqa: S314 -- our own pytest wrote it
    ends = ((case, case.find(kind)) for case in cases for kind in ("failure", "error"))
    return [(case, end) for case, end in ends if end is not None]


def _file(name: str) -> str:
    """Of `tests.e2e.test_fleet`, or of a class in it."""
    words = name.split(".")
    while words and not words[-1].startswith("test_"):
        words.pop()
    return "/".join(words or name.split(".")) + ".py"


def count(log: Path) -> int:
    """How many tests have ended, by the signs that pytest prints for each."""
    text = log.read_text(errors="replace")
    return sum(map(len, re.findall(r"^([.FEsxX]+)(?: *\[ *\d+%\])?$", text, re.MULTILINE)))


def ended(log: Path, lines: int = 1) -> str:
    """The last lines of a log; of those of pytest, what it counted."""
    text = [each for each in log.read_text(errors="replace").splitlines() if each.strip()]
    counted = [each for each in text if re.search(r"\d+ (passed|failed|errors?)\b.* in ", each)]
    if lines == 1 and counted:
        return counted[-1].strip("= ")
    return "\n".join(text[-lines:])
