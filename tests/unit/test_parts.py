"""How `make test` goes: parts side by side, short lines, what fails beside others once more."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests import parts
from tests.estate import PROJECT
from tests.failures import count, ended, failed_modules, told_of

STEADY = "def test_good():\n    assert True\n"
BROKEN = "def test_bad():\n    assert 1 == 2\n"
UNSTEADY = """\
from pathlib import Path

def test_second():
    been = Path(__file__).with_name("been")
    known = been.exists()
    been.touch()
    assert known
"""
MAKEFILE = """\
check policy unit browser:
\t@echo "$@: clean"
kubernetes e2e localcloud systems:
\t@{python} -m pytest -q -o addopts= --rootdir=. --import-mode=importlib \\
\t\t--junitxml=reports/$@$(AGAIN).xml $(or $(ONLY),tests/$@)
"""


def laid_out(folder: Path, **modules: str) -> Path:
    """A project whose parts have one module each, good where none is given."""
    (folder / "Makefile").write_text(MAKEFILE.format(python=sys.executable))
    for name in parts.BESIDE:
        room = folder / "tests" / name
        room.mkdir(parents=True)
        (room / f"test_{name}.py").write_text(modules.get(name, STEADY))
    return folder


def run(folder: Path) -> subprocess.CompletedProcess[str]:
    """What `make test` does there."""
    argv = [sys.executable, "-m", "tests.parts", "reports"]
    environment = {"PYTHONPATH": str(PROJECT), "PATH": "/usr/bin:/bin"}
    return subprocess.run(
        argv, cwd=folder, capture_output=True, text=True, check=False, env=environment
    )


def test_what_fails_twice_has_failed_and_is_told_at_the_end(tmp_path: Path) -> None:
    done = run(laid_out(tmp_path, e2e=BROKEN))
    assert done.returncode == 1, done.stderr
    lines = done.stdout.splitlines()
    assert lines[-1] == "test: failed: e2e"
    assert "unsteady" not in done.stdout
    told = done.stdout.partition("e2e-again: tests.e2e.test_e2e::test_bad")[2]
    assert "assert 1 == 2" in told
    assert any(each.split()[:2] == ["systems", "passed"] for each in lines)


def test_what_holds_alone_is_told_to_be_unsteady(tmp_path: Path) -> None:
    done = run(laid_out(tmp_path, localcloud=UNSTEADY))
    assert done.returncode == 0, done.stdout + done.stderr
    found = "unsteady, failed beside others: localcloud: tests.localcloud.test_localcloud::"
    assert f"{found}test_second" in done.stdout
    assert done.stdout.splitlines()[-1] == "test: passed"


def test_a_part_that_crashes_is_told_by_its_last_words_and_not_tried_again(tmp_path: Path) -> None:
    done = run(laid_out(tmp_path, systems="import os\nos._exit(3)\n"))
    assert done.returncode == 1
    assert "systems:\nmake: *** [" in done.stdout
    assert "Error 3\n" in done.stdout
    assert "systems-again" not in done.stdout
    assert done.stdout.splitlines()[-1] == "test: failed: systems"


def test_many_modules_are_no_accident(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    part = parts.Part(name="e2e", folder=tmp_path)
    part.report.write_text(
        "".join(["<r>", *(case(f"tests.e2e.test_{each}") for each in range(7)), "</r>"])
    )
    monkeypatch.setattr(parts.Part, "run", lambda *_: pytest.fail("it was tried again"))
    assert parts.once_more([part]) == [part]


def case(module: str) -> str:
    """A failed test in a report."""
    return f'<testcase classname="{module}" name="test_it"><failure>E  no</failure></testcase>'


def test_a_module_counts_once_whether_a_test_a_class_or_its_import_failed(tmp_path: Path) -> None:
    report = tmp_path / "e2e.xml"
    broken = '<testcase classname="" name="tests.e2e.test_c"><error message="no"/></testcase>'
    names = ("tests.e2e.test_a", "tests.e2e.test_a", "tests.e2e.test_b.TestIt")
    report.write_text(f"<r>{''.join(map(case, names))}{broken}</r>")
    files = ["tests/e2e/test_a.py", "tests/e2e/test_b.py", "tests/e2e/test_c.py"]
    assert failed_modules(report) == files
    assert told_of(report)[0] == "e2e: tests.e2e.test_a::test_it\n    E  no"


def test_a_part_is_stopped_at_where_the_quick_ones_fail(tmp_path: Path) -> None:
    (tmp_path / "Makefile").write_text("check:\n\t@echo 'a.py:1:1: E501'; exit 1\n")
    done = run(tmp_path)
    assert done.returncode == 1
    assert "a.py:1:1: E501" in done.stdout
    assert "policy" not in done.stdout


def test_how_far_a_part_is_and_what_it_counted(tmp_path: Path) -> None:
    log = tmp_path / "e2e.log"
    log.write_text(
        "set-up: ready\n..F    [ 26%]\n.s.. [100%]\n1 failed, 269 passed in 3.5s\ndown\n"
    )
    assert count(log) == 7
    assert ended(log) == "1 failed, 269 passed in 3.5s"
    assert ended(log, 2) == "1 failed, 269 passed in 3.5s\ndown"
