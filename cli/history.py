"""`slipway history`: what was deployed, when, by whom, and what came of it."""

from __future__ import annotations

import re
import sys
from datetime import datetime
from typing import Annotated

import typer

from cli.answers import AsJson, say, show_json, show_table
from cli.stack import open_stack
from cli.unlock import age
from release.record import Hold, Pointer, Record
from release.record_words import changed_in, name_of

StackName = Annotated[str, typer.Argument(help="The stack, as in Pulumi.<stack>.yaml.")]
Limit = Annotated[int, typer.Option(min=1, max=1000, help="How many records, newest first.")]
_COLUMNS = ("WHEN (UTC)", "VERSION", "COMMIT", "WHO", "OUTCOME", "CHANGED", "TOOK", "HELD")
_DIGEST = re.compile(r"(sha256:[0-9a-f]{12})[0-9a-f]{52}")
_EXACT = 10.0  # seconds up to which a duration is told with its tenths


def register(app: typer.Typer) -> None:
    """Adds the command."""

    @app.command("history")
    def history(stack: StackName, limit: Limit = 20, as_json: AsJson = False) -> None:
        """List what was deployed to a stack: when, by whom, what changed, what came of it."""
        store = open_stack(stack).records
        found = store.pointer(stack)
        records = store.newest(stack, limit, tell_damage)
        pointer = found[0] if found else None
        if as_json:
            show_json(document_of(stack, pointer, records))
        elif not records:
            say(f"{stack}: nothing was deployed yet; `pulumi up --stack {stack}` does")
        else:
            show_table(_COLUMNS, [row_of(each, pointer) for each in records])
            if pointer and pointer.hold:
                say(f"{held_text(pointer.hold)}; `slipway resume {stack}` lifts that")


def document_of(stack: str, pointer: Pointer | None, records: list[Record]) -> dict[str, object]:
    """The history for a machine; docs/records.md describes a record."""
    hold = pointer.hold if pointer else None
    return {
        "stack": stack,
        "current": pointer.record if pointer else None,
        "hold": hold.model_dump(mode="json") if hold else None,
        "records": [each.model_dump(mode="json") for each in records],
    }


def row_of(record: Record, pointer: Pointer | None) -> tuple[str, ...]:
    """One line of the history."""
    is_current = pointer is not None and pointer.record == record.id
    return (
        record.started[:16].replace("T", " "),
        name_of(record),
        record.commit[:7],
        record.who,
        outcome_of(record) + (", current" if is_current else ""),
        changed_in(record),
        took(record),
        f"by {pointer.hold.who}" if is_current and pointer and pointer.hold else "",
    )


def outcome_of(record: Record) -> str:
    """What came of an update, in words."""
    if record.outcome == "open":
        return "still running, or killed"
    if record.outcome == "failed":
        first = (record.failure or "without a reason").splitlines()[0]
        return "failed: " + _DIGEST.sub(r"\1…", first)[:100]
    return "rolled back" if record.rollback else "succeeded"


def took(record: Record) -> str:
    """How long an update ran."""
    if record.finished is None:
        return "-"
    seconds = datetime.fromisoformat(record.finished) - datetime.fromisoformat(record.started)
    total = max(seconds.total_seconds(), 0.0)
    return f"{total:.1f} s" if total < _EXACT else age(total)


def held_text(hold: Hold) -> str:
    """Whose hold it is, since when, and why."""
    return f"held by {hold.who} since {hold.since[:16].replace('T', ' ')}: {hold.why}"


def tell_damage(text: str) -> None:
    """A record that can't be read is told beside the answer."""
    sys.stderr.write(f"slipway: {text}\n")
