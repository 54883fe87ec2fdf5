"""`python -m tests.parts`: every part of the tests, each with a log of its own, in short lines.

Those that need no engine come first, one after the other, and end it if they fail. The others go
two at a time: they mostly wait. Machines, clusters and clouds share the processors meanwhile, so a
module with a failed test is run once more when all is quiet. What holds only then is printed as
unsteady; what fails again has failed. More than a few modules are no accident, and are not tried
again.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path

from tests.failures import count, ended, failed_modules, told_of

FIRST = ("check", "policy", "unit", "browser")
BESIDE = ("kubernetes", "e2e", "localcloud", "systems")
AT_ONCE = 2
QUICK = 'QUICK=-m "not long"'
MOST = 6
"""Modules that may be tried again, of all parts together."""
TELL = 60
"""Seconds between two lines of what goes on."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """A target of the Makefile, and what is left of its run."""

    name: str
    folder: Path
    """Where its log and its report are."""
    again: bool = False

    @property
    def log(self) -> Path:
        return self.folder / f"{self._stem}.log"

    @property
    def report(self) -> Path:
        return self.folder / f"{self._stem}.xml"

    @property
    def _stem(self) -> str:
        return f"{self.name}-again" if self.again else self.name

    def run(self, *words: str) -> bool:
        """Runs it to its end and prints a line; whether it passed."""
        print(f"  {self._stem:<18} begun", flush=True)
        began = time.monotonic()
        with self.log.open("w") as log:
            argv = ["make", "--no-print-directory", self.name, QUICK, *words]
            done = subprocess.run(argv, stdout=log, stderr=subprocess.STDOUT, check=False)
        outcome = "passed" if done.returncode == 0 else "FAILED"
        took = f"{time.monotonic() - began:.0f} s"
        print(f"  {self._stem:<18} {outcome} in {took}: {ended(self.log)}", flush=True)
        return done.returncode == 0


def beside(parts: Sequence[Part]) -> list[Part]:
    """Runs them two at a time, tells now and then how far they are; those that failed."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        runs: dict[Future[bool], Part] = {pool.submit(part.run): part for part in parts}
        waiting = set(runs)
        while waiting:
            done, waiting = wait(waiting, TELL, FIRST_COMPLETED)
            if not done:
                going = [runs[each] for each in waiting if each.running()]
                far = (f"{part.name} {count(part.log)}" for part in going)
                print(f"  ... tests so far: {', '.join(sorted(far))}", flush=True)
    return [part for run, part in runs.items() if not run.result()]


def once_more(failed: Sequence[Part]) -> list[Part]:
    """Runs the modules of failed tests alone; the parts that failed in the end."""
    modules = {part.name: failed_modules(part.report) for part in failed}
    number = sum(len(each) for each in modules.values())
    if not all(modules.values()) or number > MOST:
        print(f"  {number} modules failed; up to {MOST} are tried again, if their tests ended")
        return list(failed)
    last = []
    for part in failed:
        alone = Part(name=part.name, folder=part.folder, again=True)
        words = (f"ONLY={' '.join(modules[part.name])}", "AGAIN=-again", "WORKERS=0")
        if alone.run(*words):
            print(_unsteady(told_of(part.report)), flush=True)
        else:
            last.append(alone)
    return last


def _unsteady(told: Iterable[str]) -> str:
    names = (text.splitlines()[0] for text in told)
    return "\n".join(f"  unsteady, failed beside others: {name}" for name in names)


def main(words: list[str]) -> int:
    """0 if every part passed in the end."""
    folder = Path(words[0])
    folder.mkdir(parents=True, exist_ok=True)
    for each in (*folder.glob("*.xml"), *folder.glob("*.log")):
        each.unlink()
    failed: list[Part] = []
    for name in FIRST:
        part = Part(name=name, folder=folder)
        if not part.run():
            failed = [part]
            break
    else:
        failed = once_more(beside([Part(name=name, folder=folder) for name in BESIDE]))
    for part in failed:
        tests = told_of(part.report) if part.report.is_file() else []
        print("\n\n".join(tests) or f"{part.name}:\n{ended(part.log, 20)}")
    print(f"test: failed: {', '.join(each.name for each in failed)}" if failed else "test: passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
