"""`python -m tests.again CACHE REPORT`: modules with a failed test are run once more, alone.

Machines, clusters and clouds share two processors with each other in the first run. What holds in
the second run alone is printed as unsteady; what fails again has failed. More than a few modules
are no accident, and are not tried again.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

MOST = 3
"""Modules that may be tried again."""


def failed(cache: Path) -> list[str]:
    """The tests that failed in the last run, by pytest's own account of it."""
    noted = cache / "v" / "cache" / "lastfailed"
    return sorted(json.loads(noted.read_text())) if noted.is_file() else []


def modules_of(tests: list[str]) -> list[str]:
    """Their files. Raises `ValueError` if there is none, or if they are too many."""
    modules = sorted({each.partition("::")[0] for each in tests})
    if not 1 <= len(modules) <= MOST:
        raise ValueError(f"{len(modules)} modules failed, of {MOST} that are tried again")
    return modules


def main(words: list[str]) -> int:
    """pytest's exit code of the second run; 1 if there is none."""
    cache, report = Path(words[0]), Path(words[1])
    tests = failed(cache)
    try:
        modules = modules_of(tests)
    except ValueError as error:
        print(f"again: {error}")
        return 1
    print(f"again: alone now: {' '.join(modules)}", flush=True)
    argv = [sys.executable, "-m", "pytest", "-q", "-o", f"cache_dir={cache}-again"]
    argv += [f"--junitxml={report.with_name(f'{report.stem}-again.xml')}", *modules]
    code = subprocess.run(argv, check=False).returncode
    if code == 0:
        print("".join(f"again: unsteady, failed beside others: {each}\n" for each in tests))
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
