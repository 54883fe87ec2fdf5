"""`slipway comment` and `slipway summary`: what an update will change, and what it has changed."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.answers import say
from cli.history import StackName, outcome_of, took
from cli.preview import image_of_each_service, previewed
from cli.stack import OpenStack, open_stack
from clients import ClientError
from clients.github_comments import PullRequest
from release.changes import Changes, lines_of, renewed, rows_of
from release.changes_markdown import MARKER, comment
from release.json_document import json_of
from release.notes import one_line
from release.record import Record
from release.record_words import name_of

Stacks = Annotated[
    list[str], typer.Option("--stack", "-s", help="A stack; say it once for each of several.")
]
Markdown = Annotated[bool, typer.Option("--markdown", help="Print Markdown, as on GitHub.")]
Post = Annotated[bool, typer.Option("--post", help="Write it into the pull request too.")]
Number = Annotated[
    int | None,
    typer.Option("--pull-request", help="Its number; else what GITHUB_EVENT_PATH says."),
]
Repository = Annotated[
    str, typer.Option(envvar="GITHUB_REPOSITORY", help="owner/name on GitHub.", show_default=False)
]
_NAMED = 5
_PLANNED = "What an update would change"


def register(app: typer.Typer) -> None:
    """Adds the commands."""

    @app.command("comment")
    def comment_(
        stack: Stacks,
        markdown: Markdown = False,
        post: Post = False,
        pull_request: Number = None,
        repository: Repository = "",
    ) -> None:
        """Say what the next update of some stacks changes; with --post in one comment of the pull
        request, which is edited in place.

        It is the engine's own preview, and changes nothing. The exit code is 1 if a stack can't be
        previewed; the comment says why.
        """
        request = _asked(pull_request, repository) if post else None
        found = [previewed(each) for each in dict.fromkeys(stack)]
        text = comment(_PLANNED, found, _footer(os.environ))
        _show(found, text, markdown)
        if request:
            say(f"comment: {request.say(MARKER, text)}")
        failed = [each.stack for each in found if each.failure]
        if failed:
            raise ClientError(f"no preview of {', '.join(failed)}: see above")

    @app.command("summary")
    def summary(stack: StackName, markdown: Markdown = False) -> None:
        """Say what the last update of a stack changed, from its record."""
        opened = open_stack(stack)
        newest = opened.records.newest(stack, 1)
        if not newest:
            say(f"{stack}: nothing was deployed yet; `pulumi up --stack {stack}` does")
            return
        record = newest[0]
        done = changes_of(opened, record)
        title = f"{stack}: {outcome_of(record).partition(':')[0]} in {took(record)}"
        _show([done], comment(title, [done], f"{names_of(record)}. Record {record.id}"), markdown)


def changes_of(stack: OpenStack, record: Record) -> Changes:
    """What an update changed: its record beside the one before it."""
    before = stack.records.read(record.stack, record.previous) if record.previous else None
    was = before.model_dump(mode="json") if before else {}
    now = record.model_dump(mode="json")
    if record.outcome == "failed":
        # It names only what was reached; the others are as they were.
        now = {group: {**was.get(group, {}), **now[group]} for group in ("images", "services")}
    return Changes(
        stack=record.stack,
        is_plan=False,
        builds=renewed(was.get("images", {}), now["images"]),
        rows=tuple(rows_of(was, now, image_of_each_service(stack))),
        failure=one_line(record.failure or "", 1500),
    )


def names_of(record: Record) -> str:
    """The names that the update gave, which a promotion can say; some of them, if they are many."""
    shown = ", ".join(record.names[:_NAMED])
    more = len(record.names) - _NAMED
    return f"Named {shown} and {more} more" if more > 0 else f"Named {shown or name_of(record)}"


def _show(found: Sequence[Changes], text: str, markdown: bool) -> None:
    summary = os.environ.get("GITHUB_STEP_SUMMARY")
    if summary:
        with Path(summary).open("a") as page:
            page.write(text)
    if markdown:
        typer.echo(text, nl=False)
        return
    for changes in found:
        for line in lines_of(changes):
            say(line)


def _asked(number: int | None, repository: str) -> PullRequest:
    """The pull request that is meant. Raises ValueError if nothing says it."""
    found = number if number is not None else number_of_event(os.environ)
    if not repository:
        raise ValueError("which repository? say --repository owner/name, or set GITHUB_REPOSITORY")
    api = os.environ.get("GITHUB_API_URL") or "https://api.github.com"
    return PullRequest(api, repository, found)


def number_of_event(environment: Mapping[str, str]) -> int:
    """The number of the pull request that a workflow runs for. Raises ValueError if for none."""
    path = environment.get("GITHUB_EVENT_PATH")
    event: Any = None
    if path:
        try:
            event = json_of(Path(path).read_bytes())
        except (OSError, ValueError) as error:
            raise ValueError(
                f"GITHUB_EVENT_PATH is {path!r}, which can't be read: {error}"
            ) from None
    request = event.get("pull_request") if isinstance(event, dict) else None
    number = request.get("number") if isinstance(request, dict) else None
    if not isinstance(number, int):
        raise ValueError(
            "this is no run for a pull request; say --pull-request NUMBER, or leave --post out"
        )
    return number


def _footer(environment: Mapping[str, str]) -> str:
    commit = environment.get("GITHUB_SHA", "")
    run = environment.get("GITHUB_RUN_ID", "")
    known = all(each.isalnum() and each.isascii() for each in (commit, run)) and commit
    return f"Commit {commit[:7]}, run {run}. Nothing was changed." if known else ""
