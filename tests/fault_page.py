"""docs/faults.md from a run of the tests that inject faults.

`python -m tests.fault_page FILE...` prints it from what tests/fault_journal.py wrote. It refuses
where a test did not pass, or a fault of the list has none.
"""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
PAGE = PROJECT / "docs" / "faults.md"
LEFT_OUT = {
    25: "a wrong clock: nothing here is ordered by a clock, and what AWS says of one is shown",
    35: "signatures: images are not signed, so there is none to be wrong; hosts run digests",
}
NUMBERS = tuple(number for number in range(1, 39) if number not in LEFT_OUT)
INTRODUCTION = """\
# Faults

The last run of `make faults` wrote this page. In `tests/faults`, `e2e`, `localcloud` and
`kubernetes` the fault is real: a proxy before the registry and before AWS that drops, delays,
corrupts and refuses, kill, a full disk, a second deploy, machines, pods and an engine that end. In
`tests/unit` one part is given it: files, git repositories, processes and web servers of the test's
own, or a service of AWS played by the test. Seconds are of the tests on two cores, without the
set-up that tests share.

What must hold whatever happens: the old version or the new one serves, an update succeeds only if
what was asked for runs and is healthy, the same update without the fault converges, the one after
it has nothing to do, and the pointer to the current record moves last.
"""


@dataclass(frozen=True, kw_only=True, order=True)
class Row:
    """One test of one fault."""

    number: int
    """Of the fault."""
    fault: str
    """In a few words."""
    happened: str
    """The name of the test as a sentence."""
    file: str
    """Below the project."""


def sentence(test: str) -> str:
    """What a test is called, in words."""
    words = test.removeprefix("test_").replace("_", " ")
    return words[:1].upper() + words[1:]


def rows_of_tests(top: Path = PROJECT / "tests") -> set[Row]:
    """The rows that the tests as they are would make.

    Raises `ValueError` where one stands on a test that isn't there.
    """
    found = set()
    for file in sorted(top.rglob("test_*.py")):
        where, text = str(file.relative_to(top.parent)), file.read_text()
        if "mark.fault(" not in text:
            continue
        tree = ast.parse(text)
        tests = {each.name: each for each in ast.walk(tree) if isinstance(each, ast.FunctionDef)}
        for test, node in tests.items():
            for mark in filter(_is_fault, node.decorator_list):
                assert isinstance(mark, ast.Call)
                number, fault = (ast.literal_eval(each) for each in mark.args)
                happened = sentence(test)
                found.add(Row(number=number, fault=fault, happened=happened, file=where))
                after = {name for each in mark.keywords for name in ast.literal_eval(each.value)}
                if lost := after - set(tests):
                    raise ValueError(f"{where} {test} stands on {sorted(lost)}")
    return found


def _is_fault(decorator: ast.expr) -> bool:
    return isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "pytest.mark.fault"


def problems(lines: Iterable[dict[str, object]], *, partly: bool = False) -> list[str]:
    """What keeps a run from being a page. `partly`: not every test had to run."""
    lines = list(lines)
    failed = [
        f"fault {each['number']}: {each['file']} {each['test']} {each['outcome']}"
        for each in lines
        if each["outcome"] != "passed"
    ]
    proved = {each["number"] for each in lines if each["outcome"] == "passed"}
    unproved = [
        f"fault {number} has no test that passed" for number in NUMBERS if number not in proved
    ]
    strange = sorted({str(each["number"]) for each in lines} - {str(each) for each in NUMBERS})
    ran = {_row(each) for each in lines}
    missing = [
        f"did not run: {each.file} {each.happened}" for each in sorted(rows_of_tests() - ran)
    ]
    return [
        *failed,
        *unproved,
        *(f"fault {each} is not in the list" for each in strange),
        *([] if partly else missing),
    ]


def page(lines: Iterable[dict[str, object]]) -> str:
    """The page; a test with several cases is one line with their sum."""
    seconds: dict[Row, list[float]] = {}
    for each in lines:
        seconds.setdefault(_row(each), []).append(float(str(each["seconds"])))
    table = ["| # | Fault | What happened | Where | Seconds |", "|--|--|--|--|--|"]
    for row in sorted(seconds):
        cases = f" ({len(seconds[row])} cases)" if len(seconds[row]) > 1 else ""
        took = sum(seconds[row])
        cells = [_cell(row.fault), _cell(row.happened) + cases, f"`{row.file}`", f"{took:.1f}"]
        table.append(f"| {row.number} | {' | '.join(cells)} |")
    left = [f"- {number}, {why}." for number, why in LEFT_OUT.items()]
    tail = ["", "Left out of the list:", "", *left, ""]
    return INTRODUCTION + "\n" + "\n".join([*table, *tail])


def rows_of_page(text: str) -> set[tuple[str, ...]]:
    """What a page says without seconds and numbers of cases."""
    cells = [each.strip("| ").split(" | ") for each in text.splitlines() if each.startswith("| ")]
    return {tuple([*each[:2], each[2].partition(" (")[0], each[3]]) for each in cells[1:]}


def as_on_page(row: Row) -> tuple[str, ...]:
    """A row as `rows_of_page` gives it."""
    return (str(row.number), _cell(row.fault), _cell(row.happened), f"`{row.file}`")


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _row(line: dict[str, object]) -> Row:
    return Row(
        number=int(str(line["number"])),
        fault=str(line["fault"]),
        happened=sentence(str(line["test"])),
        file=str(line["file"]),
    )


def main(files: Sequence[str]) -> int:
    """Prints the page of these runs; 1 where there is none."""
    text = "".join(Path(each).read_text() for each in files)
    lines = [json.loads(each) for each in text.splitlines()]
    if wrong := problems(lines):
        print("docs/faults.md can't be made of this run:", *wrong, sep="\n  ", file=sys.stderr)
        return 1
    print(page(lines), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
