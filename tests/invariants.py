"""What holds after every update, whatever happened: seven rules over what an estate itself says.

Nothing here asks slipway. Whoever calls has read the digests, the answers and the objects from the
engines, the registry and the bucket, before the update and after it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from tests.canary_search import found_in


class BrokenInvariantError(AssertionError):
    """One of the seven does not hold; the message begins with its letter."""


@dataclass(frozen=True, kw_only=True)
class Running:
    """What one service runs, by its engine's own words."""

    digest: str | None
    """None: nothing runs."""
    content: str | None
    """What it answers is built into it; None: no answer."""
    healthy: bool
    config: str = ""
    """A hash of the settings that it runs with."""


@dataclass(frozen=True, kw_only=True)
class Pointer:
    """records/<stack>/current.json with the record that it names."""

    record: str
    outcome: str
    version: str | None
    digests: Mapping[str, str]
    """By service, what the record says."""
    held: bool = False


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One stack at one moment."""

    running: Mapping[str, Running]
    pointer: Pointer | None
    names: Mapping[str, str] = field(default_factory=dict)
    """By `image:name`, the digest that the registry has under it."""

    @property
    def digests(self) -> dict[str, str | None]:
        return {name: each.digest for name, each in self.running.items()}


@dataclass(frozen=True, kw_only=True)
class Version:
    """What a service is to run."""

    content: str
    """What it answers then."""
    digest: str | None
    """None: not known yet, as nobody has built it."""


Wanted = Mapping[str, Version]


def runs(seen: Seen, wanted: Wanted) -> bool:
    """Whether every service runs what is wanted, and well."""
    return all(
        seen.running[name].healthy and _is(seen.running[name], version)
        for name, version in wanted.items()
    )


def _is(running: Running, version: Version) -> bool:
    known = version.digest in (None, running.digest)
    return known and running.content == version.content


def check(letter: str, holds: bool, message: str) -> None:
    """Raises BrokenInvariantError if it does not hold."""
    if not holds:
        raise BrokenInvariantError(f"({letter}) {message}")


def old_or_new_never_none(
    before: Seen, after: Seen, wanted: Wanted, placed: Mapping[str, Running] | None = None
) -> None:
    """(a) Every service runs what it ran, or what is wanted.

    `placed`: what the last update left, where somebody's hands have changed that since: an update
    that fails may bring it back.
    """
    for name, now in after.running.items():
        was = before.running[name]
        left = placed[name].digest if placed else was.digest
        check("a", now.digest is not None or was.digest is None, f"{name} ran {was}, now nothing")
        if now.digest not in (was.digest, left):
            check("a", _is(now, wanted[name]), f"{name} ran {was}, runs {now}, not {wanted[name]}")
        kept = now.digest != was.digest or now.healthy or not was.healthy
        check("a", kept, f"{name} still runs {was.digest}, but no longer well")


def exit_code_is_the_truth(code: int, after: Seen, wanted: Wanted, *, faults: bool = False) -> None:
    """(b) With `faults` a failed update may yet have switched everything."""
    well = runs(after, wanted)
    check("b", code != 0 or well, f"exit 0 with {after.running} for {wanted}")
    check("b", code == 0 or faults or not well, f"exit {code}, but all runs as wanted")


def a_failure_changes_nothing(before: Seen, after: Seen) -> None:
    """(b) Of an update that was refused before it began."""
    check("b", before == after, f"refused, but {before} became {after}")


def converged(code: int, again: int, writes: int, after: Seen, wanted: Wanted) -> None:
    """(c) An update without faults, and a second one with `writes` calls that change something."""
    check("c", code == 0 and runs(after, wanted), f"a rerun ended with {code}: {after}")
    check("c", again == 0, f"the rerun after a good one ended with {again}")
    check("c", writes == 0, f"the rerun after a good one wrote {writes} times")


def pointer_is_last_and_true(code: int, before: Seen, after: Seen, *, faults: bool = False) -> None:
    """(d) It moves after all else, so only to what runs, and a failed update leaves it.

    With `faults` the very answer to its move may have been lost.
    """
    moved = after.pointer if _record(after) != _record(before) else None
    check("d", after.pointer is not None or before.pointer is None, "the pointer is gone")
    if code > 0 and not faults:
        check("d", moved is None, f"exit {code}, but the pointer moved to {moved}")
    if after.pointer is not None and (moved or code == 0):
        check("d", after.pointer.outcome == "succeeded", f"it names a record {after.pointer}")
        names = {n: d for n, d in after.pointer.digests.items() if n in after.running}
        check("d", names == after.digests, f"it names {names}, but {after.digests} runs")
    check("d", code != 0 or after.pointer is not None, "exit 0 without a pointer")


def in_time(seconds: float, bound: float) -> None:
    """(e) An update ends."""
    check("e", seconds <= bound, f"took {seconds:.0f} s, more than {bound:.0f} s")


def release_is_what_it_was(then: Mapping[str, Running], now: Mapping[str, Running]) -> None:
    """(f) Going back brings the same digests and settings."""
    for name, was in then.items():
        same = (now[name].digest, now[name].config) == (was.digest, was.config)
        check("f", same, f"{name} was {was} in that release and is now {now[name]}")


def names_stay(before: Mapping[str, str], after: Mapping[str, str]) -> None:
    """(f) A name is one digest for ever."""
    for name, digest in before.items():
        check("f", after.get(name) == digest, f"{name} was {digest} and is {after.get(name)}")


def runs_only_what_was_tested(after: Seen, tested: Mapping[str, Collection[str]]) -> None:
    """(f) `tested`: by service, the digests that ran well in the stack before this one."""
    for name, now in after.running.items():
        known = now.digest is None or now.digest in tested.get(name, ())
        check("f", known, f"{name} runs {now.digest}, which was never tested")


def tells_no_secret(text: str | bytes, secrets: Mapping[str, str]) -> None:
    """(g) Plain, encoded or packed."""
    found = found_in(text if isinstance(text, bytes) else text.encode(), secrets)
    check("g", not found, f"the values of {sorted(found)} were told")


def _record(seen: Seen) -> str | None:
    return seen.pointer.record if seen.pointer else None
