"""What is run once more after a part of the tests failed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.again import failed, modules_of
from tests.estate import PROJECT
from tests.failures import failures, reports

STEADY = "def test_good():\n    assert True\n"
BROKEN = "def test_bad():\n    assert False\n"
UNSTEADY = """\
from pathlib import Path

def test_second():
    been = Path(__file__).with_name("been")
    known = been.exists()
    been.touch()
    assert known
"""


def again(folder: Path, **modules: str) -> subprocess.CompletedProcess[str]:
    """Runs pytest over these modules, then what is tried again."""
    for name, text in modules.items():
        (folder / f"test_{name}.py").write_text(text)
    cache = folder / "cache"
    report = folder / "part.xml"
    first = [sys.executable, "-m", "pytest", "-q", "-o", f"cache_dir={cache}", str(folder)]
    first.append(f"--junitxml={report}")
    options = {"cwd": folder, "capture_output": True, "text": True, "check": False}
    subprocess.run(first, **options)  # type: ignore[call-overload]
    assert failed(cache)
    second = [sys.executable, "-m", "tests.again", str(cache), str(report)]
    environment = {"PYTHONPATH": str(PROJECT), "PATH": "/usr/bin:/bin"}
    done: subprocess.CompletedProcess[str] = subprocess.run(  # type: ignore[call-overload]
        second, **options, env=environment
    )
    return done


def test_what_fails_twice_has_failed(tmp_path: Path) -> None:
    done = again(tmp_path, steady=STEADY, broken=BROKEN)
    assert done.returncode == 1
    assert "1 failed" in done.stdout
    assert "unsteady" not in done.stdout
    (told,) = [text for report in reports(tmp_path) for text in failures(report)]
    assert told.startswith("part-again: ")
    assert "test_broken::test_bad" in told
    assert "assert False" in told


def test_what_holds_alone_is_told_to_be_unsteady(tmp_path: Path) -> None:
    done = again(tmp_path, steady=STEADY, moody=UNSTEADY)
    assert done.returncode == 0
    assert "again: unsteady, failed beside others: test_moody.py::test_second" in done.stdout
    assert [text for report in reports(tmp_path) for text in failures(report)] == []


def test_many_modules_are_no_accident() -> None:
    tests = [f"tests/e2e/test_{each}.py::test_it" for each in range(4)]
    with pytest.raises(ValueError, match="4 modules failed, of 3"):
        modules_of(tests)
    with pytest.raises(ValueError, match="0 modules failed"):
        modules_of([])


def test_tests_of_a_module_count_once(tmp_path: Path) -> None:
    noted = tmp_path / "v" / "cache" / "lastfailed"
    noted.parent.mkdir(parents=True)
    noted.write_text(json.dumps({"a.py::one": True, "a.py::two": True}))
    assert modules_of(failed(tmp_path)) == ["a.py"]
