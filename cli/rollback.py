"""`slipway rollback` and `slipway resume`: back to an earlier record, held there until resumed."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Annotated

import typer

from cli.answers import AsJson, Yes, may_ask, say, show_json
from cli.history import StackName, held_text
from cli.rollback_check import RollbackCheck
from cli.rollback_choices import choose, find_choices, show_choices
from cli.stack import OpenStack, open_stack
from clients import ClientError
from release.record import Record
from release.record_text import plain
from release.record_words import name_of

_WISHES = ("SLIPWAY_ALL", "SLIPWAY_BUMP", "SLIPWAY_RELEASE", "SLIPWAY_SOURCE")
Target = Annotated[
    str | None,
    typer.Argument(help="A version, name, commit or record id; the last good one if not given."),
]
Why = Annotated[str, typer.Option("--why", help="Why: it is shown to whom the hold refuses.")]


def register(app: typer.Typer) -> None:
    """Adds the commands."""

    @app.command("rollback")
    def rollback(
        stack: StackName,
        version: Target = None,
        why: Why = "",
        yes: Yes = False,
        as_json: AsJson = False,
    ) -> None:
        """Redeploy an earlier record, building nothing, and hold the stack there.

        Everything that it needs is looked for first. Newer updates are refused until
        `slipway resume`. The exit code is that of `pulumi up`, whose output is passed on.
        """
        opened = open_stack(stack)
        current, choices = find_choices(opened, stack)
        chosen = choose(opened, stack, version, current, choices)
        check = RollbackCheck(opened)
        if not as_json:
            show_choices(check, current, chosen, choices)
        refuse_if_incomplete(check, chosen)
        if not yes:
            ask(stack, current, chosen, as_json)
        reason = plain(why) or f"rolled back from {name_of(current)}"
        code = run(opened, stack, chosen, reason, as_json)
        if as_json:
            show_json({"stack": stack, "from": current.id, "to": chosen.id,
                       "version": chosen.version, "exit_code": code})  # fmt: skip
        elif code == 0:
            say(f"{stack} is held at {name_of(chosen)}; `slipway resume {stack}` lifts that")
            say_what_stays(opened, stack, chosen)
        raise typer.Exit(code)

    @app.command("resume")
    def resume(stack: StackName, as_json: AsJson = False) -> None:
        """Lift the hold of a rollback: newer updates are let through again."""
        hold = open_stack(stack).records.lift(stack)
        if as_json:
            show_json({"stack": stack, "lifted": hold.model_dump(mode="json") if hold else None})
        elif hold is None:
            say(f"{stack} was not held")
        else:
            say(f"lifted: {stack} was {held_text(hold)}")


def refuse_if_incomplete(check: RollbackCheck, chosen: Record) -> None:
    """Raise ClientError with all that is missing."""
    missing = check.problems(chosen)
    if missing:
        lines = "\n".join(f"  {each}" for each in missing)
        raise ClientError(
            f"{name_of(chosen)} can't be gone back to:\n{lines}\n"
            "Choose another one, or put back what is missing. Nothing was changed"
        )


def ask(stack: str, current: Record, chosen: Record, as_json: bool) -> None:
    """Ask whether to go on. Raises ValueError where nobody can answer, Abort for a no."""
    if as_json or not may_ask():
        raise ValueError("nobody is here to confirm; say --yes")
    typer.confirm(f"Roll {stack} back from {name_of(current)} to {name_of(chosen)}?", abort=True)


def run(opened: OpenStack, stack: str, chosen: Record, why: str, as_json: bool) -> int:
    """Run the update, its output passed on (to stderr with --json); its exit code."""
    argv, wishes = command_of(opened, stack, chosen)
    # A wish that is left over in this shell is none for a rollback.
    kept = {name: value for name, value in os.environ.items() if name not in _WISHES}
    environment = {**kept, **wishes, "SLIPWAY_HOLD": why}
    sys.stdout.flush()
    try:
        return subprocess.run(  # noqa: S603 -- argv, and versions are held to a grammar
            argv,
            cwd=opened.folder,
            env=environment,
            stdout=sys.stderr if as_json else None,
            check=False,
        ).returncode
    except FileNotFoundError:
        raise ClientError("pulumi is not on PATH; `. ./env.sh` puts it there") from None


def say_what_stays(opened: OpenStack, stack: str, chosen: Record) -> None:
    """Pulumi saves `-c version=`, and there it wins over a tag or pyproject.toml."""
    release = opened.settings.release
    if chosen.version and release.images != "build" and release.version_from != "config":
        say(
            f"the version stays in Pulumi.{stack}.yaml and would win over {release.version_from}: "
            f"when you resume, `pulumi config rm version --stack {stack}`"
        )


def command_of(opened: OpenStack, stack: str, chosen: Record) -> tuple[list[str], dict[str, str]]:
    """The command and the wishes in its environment.

    A release is redeployed by its version; where images are built, by the record that has them.
    """
    argv = ["pulumi", "up", "--stack", stack, "--yes"]
    if chosen.version is not None and opened.settings.release.images != "build":
        return [*argv, "-c", f"version={chosen.version}"], {}
    return argv, {"SLIPWAY_SOURCE": chosen.id}
