"""One history: a world, what is known of it, and the invariants after all that is done to it."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from tests import invariants as rule
from tests.estate import Ran
from tests.histories.model import Good, Model
from tests.histories.reading import Reader
from tests.histories.world import DEV, SERVICES, STACKS, World
from tests.invariants import Seen, Version, Wanted

BOUND = 600.0
"""Seconds that an update may take at most, on a machine that does much else."""
TRACEBACK = re.compile(r"^(?! *log: ).*Traceback", re.MULTILINE)
"""One that is not of a function's own log."""
REFUSED = {name: Version(content="refused", digest="refused") for name in SERVICES}
"""What an update is after that must not begin."""


class History:
    """One world, what is known of it, and what was done to it."""

    def __init__(self, folder: Path) -> None:
        self.world = World(folder)
        self.reader = Reader(self.world)
        self.model = Model()
        self.model.commit = self.world.git("rev-parse", "HEAD").strip()
        self.names: dict[str, str] = {}
        self.seen = {stack: self.reader.seen(stack) for stack in STACKS}
        self.placed = {stack: self.seen[stack].running for stack in STACKS}
        self.told: list[str] = []
        self.counts: Counter[str] = Counter()

    def tell(self, line: str) -> None:
        """One more line of the trace."""
        self.told.append(line)
        print(f"  {len(self.told):3} {line}", flush=True)

    def ended(self, how: str) -> None:
        """How the last line of the trace went."""
        self.told[-1] += f": {how}"
        print(f"        {how}", flush=True)

    def held(self, stack: str) -> bool:
        pointer = self.seen[stack].pointer
        return pointer is not None and pointer.held

    def update(
        self, stack: str, wanted: Wanted, run: Callable[[], Ran], *, faults: bool = False
    ) -> int:
        """Something that may change a stack, and then (a), (b), (d), (e), (f) and (g)."""
        before, began = self.seen[stack], time.monotonic()
        ran = run()
        seconds = time.monotonic() - began
        if ran.code:  # an update that has ended may have left a machine at work
            self.world.wait_for_machines()
        after = self.look(stack)
        self.ended(f"exit {ran.code}, {seconds:.0f} s")
        try:
            self._check(stack, wanted, before, after, ran, faults=faults)
        except AssertionError:
            print(ran.text)
            raise
        rule.in_time(seconds, BOUND)
        self.placed[stack] = {
            n: r if r.digest else self.placed[stack][n] for n, r in after.running.items()
        }
        self.learn(stack, after, ran.code)
        return ran.code

    def preview(self, stack: str) -> None:
        """(e) and (g) of a preview, which need not be possible."""
        began = time.monotonic()
        ran = self.world.preview(stack)
        seconds = time.monotonic() - began
        self.ended(f"exit {ran.code}, {seconds:.0f} s")
        rule.in_time(seconds, BOUND)
        rule.tells_no_secret(ran.text, self.world.secrets)
        assert not TRACEBACK.search(ran.text), "a traceback"

    def refused(self, stack: str, run: Callable[[], Ran]) -> None:
        """An update that must not begin."""
        before = self.seen[stack]
        self.update(stack, REFUSED, run)
        rule.a_failure_changes_nothing(before, self.seen[stack])

    def look(self, stack: str) -> Seen:
        """The stack as it is now, which is where the next step begins."""
        names = self.reader.names()
        rule.names_stay(self.names, names)
        self.names = names
        self.seen[stack] = self.reader.seen(stack)
        return self.seen[stack]

    def learn(self, stack: str, after: Seen, code: int) -> None:
        """What this update has shown."""
        self.model.learn_running(stack, after.running)
        pointer, good = after.pointer, self.model.good[stack]
        if pointer and (not good or good[-1].record != pointer.record):
            made = Good(record=pointer.record, version=pointer.version, running=after.running)
            good.append(made)

    def converge(self, stack: str, wanted: Wanted, *words: str) -> None:
        """(c) An update without faults, and a second one that does nothing."""
        code = self.update(stack, wanted, lambda: self.world.up(stack, *words))
        writes = self._writes()
        again = self.world.up(stack, "--expect-no-changes", *words)
        rule.tells_no_secret(again.text, self.world.secrets)
        try:
            rule.converged(code, again.code, self._writes() - writes, self.look(stack), wanted)
        except AssertionError:
            print(again.text)
            raise

    def _writes(self) -> int:
        counted = self.world.estate.counters()
        return sum(counted[name] for name in ("api_writes", "registry_writes", "ssm_commands"))

    def _check(
        self, stack: str, wanted: Wanted, before: Seen, after: Seen, ran: Ran, *, faults: bool
    ) -> None:
        rule.tells_no_secret(ran.text, self.world.secrets)
        if stack == DEV and wanted == self.model.wanted:
            self.model.learn_built(self.names)
            wanted = self.model.wanted
        rule.old_or_new_never_none(before, after, wanted, self.placed[stack])
        rule.pointer_is_last_and_true(ran.code, before, after, faults=faults)
        if ran.code >= 0:
            rule.exit_code_is_the_truth(ran.code, after, wanted, faults=faults)
            assert not TRACEBACK.search(ran.text), "a traceback"
        if stack != DEV:
            rule.runs_only_what_was_tested(after, self.model.tested)
