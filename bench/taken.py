"""What commands take: wall time, processor time, and memory of the processes that are ours."""

from __future__ import annotations

import os
import resource
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

# How the processes are called, with Pulumi's own language host and with the one in offline/.
PROGRAM = ("language_host.py", "pulumi-language-python-exec")
PROVIDER = ("-m provider",)
_EVERY = 0.02  # seconds


@dataclass(frozen=True, kw_only=True)
class Taken:
    """Of one command, with all that it started."""

    seconds: float
    cpu: float
    """Seconds of all processors together; other work on the machine hardly changes it."""


def taken(work: Callable[[], object]) -> Taken:
    """Does the work, which waits for the processes it starts."""
    before, began = _cpu(), time.perf_counter()
    work()
    return Taken(seconds=time.perf_counter() - began, cpu=_cpu() - before)


def in_turns(*works: Callable[[], object], times: int) -> list[Taken]:
    """The medians of each, in turns: a busy machine slows all of them."""
    runs: list[list[Taken]] = [[] for _ in works]
    for _ in range(times):
        for work, found in zip(works, runs, strict=True):
            found.append(taken(work))
    return [
        Taken(
            seconds=median(each.seconds for each in found), cpu=median(each.cpu for each in found)
        )
        for found in runs
    ]


def peak(work: Callable[[], object]) -> float:
    """MiB that the program and our plugin had at most, both together."""
    with _watched() as highest:
        work()
    kinds: dict[str, float] = {}
    for command, amount in highest.values():
        for kind, words in (("program", PROGRAM), ("provider", PROVIDER)):
            if any(word in command for word in words):
                kinds[kind] = max(kinds.get(kind, 0.0), amount)
    if "program" not in kinds:
        raise RuntimeError("memory: no process of a Pulumi program was seen")
    return sum(kinds.values())


@contextmanager
def _watched() -> Iterator[dict[int, tuple[str, float]]]:
    """Command line and highest memory (MiB) of each process that is started meanwhile, by pid."""
    highest: dict[int, tuple[str, float]] = {}
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(_EVERY):
            for pid in _below(os.getpid()):
                if found := _memory(pid):
                    highest[pid] = found

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield highest
    finally:
        ended.set()
        watcher.join()


def _below(top: int) -> list[int]:
    """The processes below one."""
    children: dict[int, list[int]] = defaultdict(list)
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = (folder / "stat").read_text().rpartition(")")[2].split()[1]
        except OSError:
            continue  # it has ended
        children[int(parent)].append(int(folder.name))
    found, left = [], [top]
    while left:
        below = children[left.pop()]
        found += below
        left += below
    return found


def _memory(pid: int) -> tuple[str, float] | None:
    try:
        command = Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return None
    lines = [line for line in status.splitlines() if line.startswith("VmHWM:")]
    return (command, int(lines[0].split()[1]) / 1024) if lines else None


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
