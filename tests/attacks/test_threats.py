"""docs/security.md names each attack with its test, each test of attacks, and all that is fed."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from tests.attacks.table import PARSERS

PROJECT = Path(__file__).resolve().parents[2]
PAGE = (PROJECT / "docs" / "security.md").read_text()
SECTION = PAGE.partition("## What is written by somebody else\n")[2].partition("\n## ")[0]
FILES = [
    *sorted((PROJECT / "tests" / "attacks").glob("test_*.py")),
    PROJECT / "tests" / "localcloud" / "test_attacks.py",
    PROJECT / "tests" / "e2e" / "test_attacks.py",
]


def names_in(file: Path) -> set[str]:
    return {
        node.name
        for node in ast.parse(file.read_text()).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def rows() -> list[list[str]]:
    lines = [line for line in SECTION.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[2:]]


def test_every_threat_has_what_stops_it_and_a_test_that_exists() -> None:
    known = set().union(*map(names_in, FILES))
    assert len(rows()) >= 15
    for row in rows():
        assert len(row) == 3, row
        assert all(row), row
        named = set(re.findall(r"`(test_[a-z0-9_]+)`", row[2]))
        assert named, row
        assert named <= known, named - known


def test_every_test_of_an_attack_is_named_with_its_threat() -> None:
    named = set(re.findall(r"`(test_[a-z0-9_]+)`", SECTION))
    own = names_in(Path(__file__))
    for file in FILES:
        assert names_in(file) - own <= named, names_in(file) - own - named


def test_everything_that_is_fed_is_listed() -> None:
    listed = (
        SECTION.partition("What is fed: ")[2].strip().rstrip(".").replace("\n", " ").split("; ")
    )
    assert listed == [each.name for each in PARSERS]
