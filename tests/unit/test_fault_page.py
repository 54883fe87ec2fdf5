from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests import fault_page
from tests.fault_page import LEFT_OUT, NUMBERS, PAGE, PROJECT, Row, as_on_page, rows_of_page

TESTS = """
import pytest

def test_first(): pass

@pytest.mark.fault(4, "a | pipe", after=["test_first"])
@pytest.mark.parametrize("case", [1, 2])
def test_it_stays_as_it_was(case): assert case

@pytest.mark.fault(5, "another")
@pytest.mark.fault(6, "a third")
def test_it_breaks(): assert False

def test_nobody_asks_for(): assert False
"""


def line(number: int, **changed: object) -> dict[str, Any]:
    made = {"number": number, "fault": "it rains", "test": "test_all_stay_dry"}
    return made | {"file": "tests/unit/test_x.py", "outcome": "passed", "seconds": 1.0} | changed


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["alone", "side by side"])
def test_a_run_takes_down_each_test_of_a_fault_and_leaves_others_out(
    tmp_path: Path, workers: list[str]
) -> None:
    (tmp_path / "test_some.py").write_text(TESTS)
    (tmp_path / "conftest.py").write_text(
        "from tests import fault_journal\n"
        "def pytest_configure(config): fault_journal.register(config)\n"
    )
    (tmp_path / "pytest.ini").write_text(f"[pytest]\npythonpath = {PROJECT}\n")
    out = tmp_path / "faults.json"
    argv = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *workers, str(tmp_path)]
    environment = {**os.environ, "SLIPWAY_FAULTS": str(out)}
    done = subprocess.run(
        argv, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert "1 failed, 3 passed" in done.stdout, done.stdout + done.stderr
    found = [json.loads(each) for each in out.read_text().splitlines()]
    told = [(each["number"], each["test"], each["outcome"], each["file"]) for each in found]
    assert sorted(told) == [
        (4, "test_it_stays_as_it_was", "passed", "test_some.py"),
        (4, "test_it_stays_as_it_was", "passed", "test_some.py"),
        (5, "test_it_breaks", "failed", "test_some.py"),
        (6, "test_it_breaks", "failed", "test_some.py"),
    ]
    assert all(each["seconds"] >= 0 for each in found)


def test_a_page_needs_a_passed_test_for_each_fault() -> None:
    whole = [line(number) for number in NUMBERS]
    assert fault_page.problems(whole, partly=True) == []
    lacking = [each for each in whole if each["number"] != 12]
    assert fault_page.problems(lacking, partly=True) == ["fault 12 has no test that passed"]
    failed = [*whole, line(3, outcome="failed"), line(25)]
    assert fault_page.problems(failed, partly=True) == [
        "fault 3: tests/unit/test_x.py test_all_stay_dry failed",
        "fault 25 is not in the list",
    ]


def test_a_page_needs_every_test_of_a_fault() -> None:
    some = [line(number) for number in NUMBERS]
    assert any(each.startswith("did not run: tests/") for each in fault_page.problems(some))


def test_cases_of_a_test_are_one_row_with_their_seconds() -> None:
    text = fault_page.page([line(4, fault="a | b"), line(4, fault="a | b", seconds=2.25)])
    row = "| 4 | a \\| b | All stay dry (2 cases) | `tests/unit/test_x.py` | 3.2 |"
    assert row in text.splitlines()
    assert rows_of_page(fault_page.page([line(4), line(4)])) == {
        as_on_page(Row(number=4, fault="it rains", happened="All stay dry", file=line(4)["file"]))
    }
    assert all(f"- {number}, " in text for number in LEFT_OUT)


def test_the_committed_page_has_the_tests_as_they_are() -> None:
    wanted = {as_on_page(each) for each in fault_page.rows_of_tests()}
    found = rows_of_page(PAGE.read_text())
    assert found == wanted, "run `make faults`"
