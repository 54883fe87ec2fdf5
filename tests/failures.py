"""`python -m tests.failures FOLDER`: what failed in any part, once more at the end of the output.

Parts that run beside each other mix their lines, and a log may be cut anywhere but at its end.
"""

from __future__ import annotations

import sys
from pathlib import Path
from xml.etree import ElementTree

LINES = 12
"""Lines told of each failure, the last ones: an assertion stands there."""


def failures(report: Path) -> list[str]:
    """One text for each failed test in pytest's JUnit report: its name and how it ended."""
    found = []
    for case in ElementTree.parse(report).iter("testcase"):  # noqa: S314 -- our own pytest wrote it
        for kind in ("failure", "error"):
            if (end := case.find(kind)) is not None:
                told = (end.text or end.get("message") or "").strip().splitlines()[-LINES:]
                name = f"{case.get('classname')}::{case.get('name')}"
                found.append(
                    "\n".join([f"{report.stem}: {name}", *(f"    {each}" for each in told)])
                )
    return found


def reports(folder: Path) -> list[Path]:
    """The report of each part; of one that was run again, the later one."""
    first = sorted(each for each in folder.glob("*.xml") if not each.stem.endswith("-again"))
    again = [each.with_name(f"{each.stem}-again.xml") for each in first]
    return [late if late.is_file() else each for each, late in zip(first, again, strict=True)]


def main(words: list[str]) -> int:
    """Always 0: what failed has its own exit code."""
    found = [text for report in reports(Path(words[0])) for text in failures(report)]
    print("\n\n".join(found) or "no test failed: see the lines above")
    print(f"test: failed ({len(found)} tests)")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
