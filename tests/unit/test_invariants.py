"""Each of the seven invariants sees what breaks it, and lets pass what does not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests import invariants as rule
from tests.invariants import BrokenInvariantError, Pointer, Running, Seen, Version

OLD, NEW, OTHER = "sha256:01d", "sha256:2e3", "sha256:3a4"
CONTENT = {OLD: "old", NEW: "new", OTHER: "other"}
WANTED = {"web": Version(content="new", digest=NEW)}


def seen(digest: str | None, *, healthy: bool = True, names: str = "") -> Seen:
    """A stack of one service, whose pointer names a digest: the same one if not given."""
    content = CONTENT[digest] if digest else None
    named = names or digest or OLD
    pointer = Pointer(record=named, outcome="succeeded", version=None, digests={"web": named})
    running = Running(digest=digest, content=content, healthy=healthy and digest is not None)
    return Seen(running={"web": running}, pointer=pointer)


BEFORE = seen(OLD)
Check = Callable[[], None]
HOLDS: dict[str, Check] = {
    "a new one": lambda: rule.old_or_new_never_none(BEFORE, seen(NEW), WANTED),
    "the old one": lambda: rule.old_or_new_never_none(BEFORE, BEFORE, WANTED),
    "nothing as before": lambda: rule.old_or_new_never_none(seen(None), seen(None), WANTED),
    "what was there before somebody's hands": lambda: rule.old_or_new_never_none(
        seen(None), BEFORE, WANTED, BEFORE.running
    ),
    "good": lambda: rule.exit_code_is_the_truth(0, seen(NEW), WANTED),
    "failed": lambda: rule.exit_code_is_the_truth(1, BEFORE, WANTED),
    "switched, then a call failed": lambda: rule.exit_code_is_the_truth(
        1, seen(NEW), WANTED, faults=True
    ),
    "refused": lambda: rule.a_failure_changes_nothing(BEFORE, BEFORE),
    "converged": lambda: rule.converged(0, 0, 0, seen(NEW), WANTED),
    "moved": lambda: rule.pointer_is_last_and_true(0, BEFORE, seen(NEW)),
    "not moved": lambda: rule.pointer_is_last_and_true(1, BEFORE, BEFORE),
    "killed between": lambda: rule.pointer_is_last_and_true(-9, BEFORE, seen(NEW, names=OLD)),
    "in time": lambda: rule.in_time(9.0, 10.0),
    "the same again": lambda: rule.release_is_what_it_was(BEFORE.running, seen(OLD).running),
    "one more name": lambda: rule.names_stay({"web:v1": OLD}, {"web:v1": OLD, "web:v2": NEW}),
    "tested": lambda: rule.runs_only_what_was_tested(BEFORE, {"web": {OLD}}),
    "no secret": lambda: rule.tells_no_secret("all is well", {"token": "canary0123456789"}),
}
BROKEN: dict[str, tuple[str, Check]] = {
    "none": ("a", lambda: rule.old_or_new_never_none(BEFORE, seen(None), WANTED)),
    "another": ("a", lambda: rule.old_or_new_never_none(BEFORE, seen(OTHER), WANTED)),
    "another after somebody's hands": (
        "a",
        lambda: rule.old_or_new_never_none(seen(None), seen(OTHER), WANTED, BEFORE.running),
    ),
    "the old one, ill": (
        "a",
        lambda: rule.old_or_new_never_none(BEFORE, seen(OLD, healthy=False), WANTED),
    ),
    "exit 0 with the old one": ("b", lambda: rule.exit_code_is_the_truth(0, BEFORE, WANTED)),
    "exit 0 with an ill one": (
        "b",
        lambda: rule.exit_code_is_the_truth(0, seen(NEW, healthy=False), WANTED),
    ),
    "exit 1 though all is well": ("b", lambda: rule.exit_code_is_the_truth(1, seen(NEW), WANTED)),
    "the content with another digest": (
        "b",
        lambda: rule.exit_code_is_the_truth(
            0, seen(NEW), {"web": Version(content="new", digest=OTHER)}
        ),
    ),
    "refused but changed": ("b", lambda: rule.a_failure_changes_nothing(BEFORE, seen(NEW))),
    "a rerun that fails": ("c", lambda: rule.converged(1, 0, 0, seen(NEW), WANTED)),
    "a rerun that stays old": ("c", lambda: rule.converged(0, 0, 0, BEFORE, WANTED)),
    "a second one that changes": ("c", lambda: rule.converged(0, 1, 0, seen(NEW), WANTED)),
    "a second one that writes": ("c", lambda: rule.converged(0, 0, 1, seen(NEW), WANTED)),
    "moved first": (
        "d",
        lambda: rule.pointer_is_last_and_true(-9, BEFORE, seen(OLD, names=NEW)),
    ),
    "moved by a failure": ("d", lambda: rule.pointer_is_last_and_true(1, BEFORE, seen(NEW))),
    "not moved by a good one": (
        "d",
        lambda: rule.pointer_is_last_and_true(0, BEFORE, seen(NEW, names=OLD)),
    ),
    "lost": (
        "d",
        lambda: rule.pointer_is_last_and_true(1, BEFORE, replace(BEFORE, pointer=None)),
    ),
    "slow": ("e", lambda: rule.in_time(11.0, 10.0)),
    "another digest": (
        "f",
        lambda: rule.release_is_what_it_was(BEFORE.running, seen(NEW).running),
    ),
    "a moved name": ("f", lambda: rule.names_stay({"web:v1": OLD}, {"web:v1": NEW})),
    "a name that is gone": ("f", lambda: rule.names_stay({"web:v1": OLD}, {})),
    "untested": ("f", lambda: rule.runs_only_what_was_tested(BEFORE, {"web": {NEW}})),
    "a secret": (
        "g",
        lambda: rule.tells_no_secret("it is canary0123456789", {"token": "canary0123456789"}),
    ),
}


@pytest.mark.parametrize("name", HOLDS)
def test_what_is_right_passes(name: str) -> None:
    HOLDS[name]()


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_wrong_is_seen(name: str) -> None:
    letter, look = BROKEN[name]
    with pytest.raises(BrokenInvariantError, match=rf"^\({letter}\) "):
        look()
