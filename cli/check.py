"""`slipway check`: whether a version can be gone back to, found out before an incident."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from cli.answers import AsJson, say, show_json, show_table
from cli.check_parts import Finding, Proof
from cli.stack import OpenStack, open_stack
from clients import ClientError
from release.record import Record
from release.record_text import plain
from release.record_words import name_of

Word = Annotated[str, typer.Argument(help="A version, name, commit or record id.")]
OfStack = Annotated[
    str, typer.Option("--stack", "-s", help="The stack, as in Pulumi.<stack>.yaml.")
]
_SHOWN = 5


def register(app: typer.Typer) -> None:
    """Adds the command."""

    @app.command("check")
    def check(version: Word, stack: OfStack = "prod", as_json: AsJson = False) -> None:
        """Prove that a version can be gone back to; nothing is changed anywhere.

        Every image with its platforms and layers, the names, the bundle and its SHA-256, and what
        services need are looked for. The exit code is 1 if anything is missing.
        """
        opened = open_stack(stack)
        record = find(opened, stack, version)
        findings = Proof(opened).findings(record)
        if as_json:
            show_json(document_of(stack, record, findings))
        else:
            show(stack, record, findings)
        missing = [each for each in findings if each.problem]
        if missing:
            raise ClientError(
                f"{name_of(record)} can't be gone back to: {len(missing)} of {len(findings)} "
                f"checks failed; {missing[0].advice}"
            )


def find(opened: OpenStack, stack: str, word: str) -> Record:
    """The record that is meant. Raises ValueError with those that there are."""
    found = opened.records.find(stack, word)
    if found is not None:
        return found
    known = ", ".join(
        name_of(each) for each in opened.records.newest(stack, _SHOWN, lambda _: None)
    )
    raise ValueError(
        f"{stack} has no record of {plain(word, 80)!r}; the newest are {known or 'none yet'}. "
        f"`slipway history {stack}` lists them all"
    )


def show(stack: str, record: Record, findings: Sequence[Finding]) -> None:
    """A row for each thing that was looked for."""
    say(f"{stack}: {name_of(record)} ({record.id}, {record.commit[:7]}, by {record.who})")
    show_table(
        ("", "WHAT", "FOUND", "WHAT TO DO"),
        [
            ("MISSING" if each.problem else "ok", each.what, each.found, each.advice)
            for each in findings
        ],
    )
    if not any(each.problem for each in findings):
        say(f"{name_of(record)} can be gone back to: `slipway rollback {stack} {name_of(record)}`")


def document_of(stack: str, record: Record, findings: Sequence[Finding]) -> dict[str, object]:
    """The findings for a machine."""
    return {
        "stack": stack,
        "record": record.id,
        "version": record.version,
        "possible": not any(each.problem for each in findings),
        "checks": [
            {
                "what": each.what,
                "found": each.found,
                "ok": not each.problem,
                "advice": each.advice or None,
            }
            for each in findings
        ],
    }
