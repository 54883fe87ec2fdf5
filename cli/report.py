"""`slipway report`: one HTML file that tells what is deployed where, made from records."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.answers import say
from cli.history import tell_damage
from cli.stack import OpenStack, open_stack, project_folder
from clients import ClientError
from clients.git import Checkout, checkout
from clients.git_graph import commit_graph
from clients.git_history import log_between
from clients.git_process import GitError
from clients.stack_history import read_history
from infra.stack_file import stack_names
from release.history_days import StackHistory
from release.notes import Change
from release.promotion_path import Commits, edges

if TYPE_CHECKING:
    # Imported late: a template engine is no matter for other commands.
    from release.report import Report

Out = Annotated[Path, typer.Option("--out", "-o", help="The file that is written.")]
Stacks = Annotated[
    list[str] | None,
    typer.Option("--stack", "-s", help="A stack; may be repeated. All stack files if not given."),
]
Days = Annotated[int, typer.Option(min=1, max=366, help="Period of the figures, in days.")]
Limit = Annotated[int, typer.Option(min=1, max=10_000, help="Newest records of each stack.")]


def register(app: typer.Typer) -> None:
    """Adds the command."""

    @app.command("report")
    def report(
        out: Out = Path("slipway-report.html"),
        stack: Stacks = None,
        days: Days = 30,
        limit: Limit = 1000,
    ) -> None:
        """Write one HTML file about all stacks: services, promotion, timeline, DORA's figures.

        It is made from the records and needs no server and no network. A stack that is named by
        --stack must be readable; without --stack one that is not is said so in the page.
        """
        check_out(out)
        histories = read_all(sorted(set(stack or ())), limit)
        page = make_report(histories, days)
        size = write(out, page)
        read = sum(each.read for each in page.stacks)
        names = ", ".join(each.stack for each in page.stacks)
        say(f"{out}: {size:,} bytes from {read:,} records of {names}")


def check_out(out: Path) -> None:
    """Raises ValueError before anything is read if the file can't be written there."""
    if out.is_dir():
        raise ValueError(f"--out {out} is a folder; name a file, such as {out / 'report.html'}")
    if not out.absolute().parent.is_dir():
        raise ValueError(f"--out {out}: there is no folder {out.parent}; make it, or name another")
    if not os.access(out if out.exists() else out.absolute().parent, os.W_OK):
        raise ValueError(f"--out {out} can't be written: no permission; name another file")


def read_all(wanted: Sequence[str], limit: int) -> list[StackHistory]:
    """The histories of these stacks; of all that have a file if none is wanted.

    Raises ValueError or ClientError if a stack that was named, or every stack, can't be read.
    """
    names = wanted or stack_names(project_folder())
    if not names:
        raise ValueError(
            "there is no stack file Pulumi.<stack>.yaml; docs/recipes has some to begin with"
        )
    with ThreadPoolExecutor(len(names)) as pool:
        found = list(pool.map(lambda name: _read(name, limit), names))
    refusals = [each for each in found if isinstance(each, Exception)]
    if refusals and (wanted or len(refusals) == len(found)):
        raise refusals[0]
    histories = []
    for name, each in zip(names, found, strict=True):
        if isinstance(each, StackHistory):
            histories.append(each)
        else:
            sys.stderr.write(f"slipway: {name} is not in the report: {each}\n")
            histories.append(StackHistory(stack=name, unread=str(each)))
    return histories


def _read(name: str, limit: int) -> StackHistory | ValueError | ClientError:
    try:
        stack = open_stack(name)
        return read_history(stack.records, name, _origin(stack), limit, tell_damage)
    except (ValueError, ClientError) as error:
        return error


def _origin(stack: OpenStack) -> str | None:
    release = stack.settings.release
    return release.origin.stack if release.images == "promote" else None


def make_report(histories: Sequence[StackHistory], days: int) -> Report:
    """The report, with what git at hand knows of the commits."""
    from release.report import report

    commits = {r.commit for each in histories for r in each.records if r.outcome == "succeeded"}
    try:
        at = checkout(project_folder())
        graph = commit_graph(at, commits)
        between = {pair: _commits(at, *ends) for pair, ends in _steps(histories).items()}
    except GitError as error:
        unknown = Commits(ahead=None, unknown=str(error))
        graph, between = {}, dict.fromkeys(_steps(histories), unknown)
    project = next((r.project for each in histories for r in each.records), project_folder().name)
    return report(project, histories, between, graph, datetime.now(UTC), days)


def _steps(histories: Sequence[StackHistory]) -> Mapping[tuple[str, str], tuple[str, str]]:
    """By origin and stack, their commits, where both have something deployed."""
    return {
        (origin.stack, stack.stack): (origin.current.commit, stack.current.commit)
        for origin, stack in edges(histories)
        if origin.current and stack.current
    }


def _commits(at: Checkout, origin: str, stack: str) -> Commits:
    try:
        found = log_between(at, stack, origin)
    except GitError as error:
        return Commits(ahead=None, unknown=str(error))
    changes = (Change(id=c.id, subject=c.subject, author=c.author, date=c.date) for c in found)
    return Commits(ahead=tuple(changes))


def write(out: Path, page: Report) -> int:
    """Writes the page in one move, so nobody sees half of it; gives its size in bytes."""
    from pages.status_page import status_page

    data = status_page(page).encode()
    beside = out.with_name(f".{out.name}.{secrets.token_hex(4)}")
    try:
        beside.write_bytes(data)
        beside.replace(out)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise ValueError(f"--out {out} can't be written: {error.strerror}") from None
    return len(data)
