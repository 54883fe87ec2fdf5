"""docs/security.md names tests and pages that exist, and ids of the table."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from tests.policy.table import CHECKS

PROJECT = Path(__file__).resolve().parents[2]
PAGES = ("security.md", "security-checks.md")


def text(page: str) -> str:
    return (PROJECT / "docs" / page).read_text()


@cache
def known_tests() -> set[str]:
    """The names of all tests."""
    return {
        node.name
        for file in (PROJECT / "tests").rglob("test_*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def named(page: str) -> set[str]:
    return set(re.findall(r"`(test_[a-z0-9_]+)`", text(page)))


@pytest.mark.parametrize("page", PAGES)
def test_every_test_that_a_page_names_exists(page: str) -> None:
    assert named(page) - known_tests() == set()
    files = re.findall(r"\btests/[a-z0-9_/]+\.py", text(page))
    assert [file for file in files if not (PROJECT / file).is_file()] == []


def test_the_page_says_of_most_claims_which_test_holds_them() -> None:
    assert len(named("security.md")) >= 30


@pytest.mark.parametrize("page", PAGES)
def test_every_page_that_is_linked_exists(page: str) -> None:
    linked = re.findall(r"\]\(([a-z/-]+\.md)[)#]", text(page))

    assert linked
    assert [one for one in linked if not (PROJECT / "docs" / one).is_file()] == []


def test_every_check_in_brackets_is_one_of_the_table() -> None:
    rows = " ".join(check.ids for check in CHECKS)
    asked = re.findall(r"loosened_property` \(([A-Z]\w+)\)", text("security.md"))

    assert asked
    assert [one for one in asked if one not in rows] == []
