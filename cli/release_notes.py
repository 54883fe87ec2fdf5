"""`slipway release-notes`: what a release brought, from its record and the one before it."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from cli.answers import AsJson, Stack, say, show_json
from cli.stack import OpenStack, open_stack
from clients.git import checkout
from clients.release_notes import Page, notes_since, title_of
from release.record import Record

_SEARCHED = 200  # records that are searched for the first release of a version
_REPEATS = 50  # updates of one version in a row

Release = Annotated[
    str, typer.Argument(help="A version such as v1.2.0, or a name, commit or record id.")
]


def register(app: typer.Typer) -> None:
    """Adds the command."""

    @app.command("release-notes")
    def release_notes(release: Release, stack: Stack = "prod", as_json: AsJson = False) -> None:
        """Print the notes of a release: commits and digests since the record before it."""
        opened = open_stack(stack)
        record = record_of(opened, release)
        before = record_before(opened, record)
        github = opened.settings.github
        page = (
            Page(api=github.address(os.environ), repository=github.repository) if github else None
        )
        digests = {name: entry.digest for name, entry in record.images.items()}
        at, version = checkout(opened.folder), title_of(record)
        notes = notes_since(at, before, version, record.commit, digests, page)
        if record.outcome != "succeeded":
            typer.echo(f"slipway: record {record.id} is {record.outcome}: not released", err=True)
        if not as_json:
            say(notes.text.rstrip())
            return
        show_json(
            {
                "stack": stack,
                "version": version,
                "record": record.id,
                "commit": record.commit,
                "previous": before and {"record": before.id, "version": title_of(before)},
                "changes": [vars(change) for change in notes.changes],
                "images": {
                    name: {"before": old, "now": now} for name, (old, now) in notes.images.items()
                },
                "notes": notes.text,
            }
        )


def record_of(stack: OpenStack, word: str) -> Record:
    """The record that released `word` first: a later rollback to it brought nothing new.

    Raises ValueError if there is none.
    """
    name = stack.settings.stack
    found = stack.records.find(name, word)
    if found is None:
        raise ValueError(
            f"{name} has no record of {word!r}; `slipway history {name}` lists what it has"
        )
    if not found.rollback or found.id == word:
        return found
    same = [
        record
        for record in stack.records.newest(name, _SEARCHED)
        if record.version == found.version
        and record.outcome == "succeeded"
        and not record.rollback
        and record.id < found.id
    ]
    return same[-1] if found.version and same else found


def record_before(stack: OpenStack, record: Record) -> Record | None:
    """What was current before `record`, of another version; None for the first release."""
    before = record
    for _ in range(_REPEATS):
        if before.previous is None:
            return None
        before = stack.records.read(stack.settings.stack, before.previous)
        if before.version is None or before.version != record.version:
            break
    return before
