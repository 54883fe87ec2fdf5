"""Stacks that grow: a no-op of N functions against an empty program, and one change among them.

They are functions, since no container of theirs has to run meanwhile: each is eight resources and
is read back as any service is.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from functools import partial

from bench import monorepo
from bench.monorepo import Stack
from bench.row import Row
from bench.taken import Taken, in_turns, peak, taken
from tests.estate import Estate

NO_OP = (1, 10, 50, 200)
CHANGE = (2, 50, 200)
PER_RESOURCE = 0.005  # seconds that a no-op may take for each, beside twice the empty program
_TIMES = 5
_CHANGES = 3
_SOURCE = "bench/many.py"


def rows() -> Iterator[Row]:
    """Raises RuntimeError if a no-op has an effect, or a change none."""
    with monorepo.running() as estate:
        nothing, stack = monorepo.empty(estate), _stack(estate)
        first: Taken | None = None
        for services in sorted({*NO_OP, *CHANGE}):
            stack.write(_services(services), host=None)
            stack.prepare()
            if services in NO_OP:
                yield from _no_op(stack, nothing, services)
            if services in CHANGE:
                found = _one_change(stack)
                first = first or found
                yield _change_row(stack, services, found, first)


def _stack(estate: Estate) -> Stack:
    """Two images: one that changes, and the one of all other services."""
    top = estate.checkout(estate.folder / "many", ("notifier",))
    shutil.copytree(top / "services" / "notifier", top / "services" / "changing")
    for word in ("add", "commit"):
        estate.git(word, *(("--all",) if word == "add" else ("--quiet", "-m", "two")), top=top)
    return Stack(estate, top, "many")


def _services(count: int) -> dict[str, dict[str, object]]:
    return {
        f"function-{number:03}": {
            "target": "lambda",
            "image": "notifier" if number else "changing",
            "smoke": {"ping": True},
        }
        for number in range(count)
    }


def _no_op(stack: Stack, nothing: Stack, services: int) -> Iterator[Row]:
    resources = stack.resources()
    note = f"{resources} resources, 0 changes, 0 writes"
    for name, ours, theirs in (
        ("preview", stack.preview, nothing.preview),
        ("up", stack.up, nothing.up),
    ):
        with monorepo.without_effect(stack.estate):
            mine, other = in_turns(
                partial(ours, "--expect-no-changes"),
                partial(theirs, "--expect-no-changes"),
                times=_TIMES,
            )
        allowed = 2 * other.seconds + PER_RESOURCE * resources
        yield Row(
            what=f"no-op {name} of {services} services",
            ours=mine.seconds,
            note=f"{note}, cpu {mine.cpu:.1f} s; allowed {allowed:.1f} s",
            against=f"{name} of an empty program",
            theirs=other.seconds,
            remark=f"cpu {other.cpu:.1f} s",
            source=_SOURCE,
            curve=f"no-op {name}",
            size=services,
        )
    if services in (NO_OP[-2], NO_OP[-1]):
        yield Row(
            what=f"memory of a no-op up of {services} services",
            ours=peak(stack.up),
            note="program and plugin, their peaks",
            against="an empty program",
            theirs=peak(nothing.up),
            remark="",
            source="bench/taken.py",
            unit="MiB",
        )


def _one_change(stack: Stack) -> Taken:
    """The median of several, each with a build, a rollout and its verdict."""

    def change() -> None:
        before = stack.output("services")["function-000"]["digest"]
        stack.change("services/changing/app.py")
        runs.append(taken(stack.up))
        if stack.output("services")["function-000"]["digest"] == before:
            raise RuntimeError("a changed function still runs what it ran before")

    runs: list[Taken] = []
    for _ in range(_CHANGES):
        change()
    return sorted(runs, key=lambda each: each.seconds)[len(runs) // 2]


def _change_row(stack: Stack, services: int, found: Taken, first: Taken) -> Row:
    return Row(
        what=f"one change in {services} functions, to its verdict",
        ours=found.seconds,
        note=f"pulumi up: 1 build, {stack.resources()} resources, cpu {found.cpu:.1f} s",
        against=f"one change in {CHANGE[0]} functions",
        theirs=first.seconds,
        remark=f"cpu {first.cpu:.1f} s",
        source=_SOURCE,
        curve="one change, functions",
        size=services,
    )
