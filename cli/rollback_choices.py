"""What `slipway rollback` offers, and which of it is meant."""

from __future__ import annotations

from cli.answers import say, show_table
from cli.history import tell_damage
from cli.rollback_check import RollbackCheck
from cli.stack import OpenStack
from clients.record_documents import is_called
from release.record import Record
from release.record_text import plain
from release.record_words import name_of
from release.rollback_choice import targets

_READ = 100  # records that are looked at for something to go back to
_SHOWN = 5


def find_choices(opened: OpenStack, stack: str) -> tuple[Record, list[Record]]:
    """The current record, and what can be gone back to. Raises ValueError before the first one."""
    found = opened.records.pointer(stack)
    if found is None:
        raise ValueError(f"{stack}: nothing was deployed yet, so there is nothing to go back to")
    current = opened.records.read(stack, found[0].record)
    return current, targets(current, opened.records.newest(stack, _READ, tell_damage))


def choose(
    opened: OpenStack, stack: str, word: str | None, current: Record, choices: list[Record]
) -> Record:
    """The record that is meant. Raises ValueError that says why not, and what can be chosen."""
    known = ", ".join(name_of(each) for each in choices[:_SHOWN]) or "nothing"
    if word is None:
        if not choices:
            raise ValueError(
                f"{stack}: no update before {name_of(current)} succeeded with other content, so "
                f"there is nothing to go back to; see `slipway history {stack}`"
            )
        return choices[0]
    for each in choices:
        if word == each.id or is_called(each, word):
            return each
    found = opened.records.find(stack, word)
    if found is None:
        raise ValueError(f"{stack} has no record of {plain(word, 80)!r}; it can go back to {known}")
    if targets(current, [found]):
        return found
    raise ValueError(
        f"{stack}: {name_of(found)} ({found.id}) {_why_not(found, current)}; it can go back to "
        f"{known}"
    )


def show_choices(
    check: RollbackCheck, current: Record, chosen: Record, choices: list[Record]
) -> None:
    """What can be gone back to, each row with what was looked for."""
    rows = choices[:_SHOWN]
    listed = rows if chosen in rows else [*rows, chosen]
    say(f"now: {name_of(current)} ({current.commit[:7]}, by {current.who}, {current.started})")
    show_table(
        ("", "VERSION", "COMMIT", "WHO", "WHEN (UTC)", "CHECK"),
        [
            (
                "->" if each == chosen else "",
                name_of(each),
                each.commit[:7],
                each.who,
                each.started[:16].replace("T", " "),
                "; ".join(check.problems(each)) or f"all {len(each.images)} images are there",
            )
            for each in listed
        ],
    )


def _why_not(found: Record, current: Record) -> str:
    if found.outcome != "succeeded":
        return f"is an update that did not succeed ({found.outcome})"
    if found.id == current.id or (found.version and found.version == current.version):
        return "is what runs now"
    return f"is not older than what runs now, {name_of(current)}"
