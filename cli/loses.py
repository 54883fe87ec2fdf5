"""`slipway loses`: what `pulumi destroy` would take away, and what stays. Nothing is done."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import typer

from cli.answers import AsJson, say, show_json, show_table
from cli.history import StackName
from cli.stack import OpenStack, open_stack
from clients import ClientError
from release.destroyed import Destroyed, Thing, destroyed


def register(app: typer.Typer) -> None:
    """Adds the command."""

    @app.command("loses")
    def loses(stack: StackName, as_json: AsJson = False) -> None:
        """Say what `pulumi destroy` would take away, what stays, and what is protected.

        Read from the stack's state alone; nothing is asked of AWS, and nothing is done.
        """
        opened = open_stack(stack)
        found = destroyed(resources_of(opened.folder, stack))
        if as_json:
            show_json({"stack": stack, **asdict(found)})
        else:
            show(opened, found)


def resources_of(folder: Path, stack: str) -> list[dict[str, Any]]:
    """The resources in a stack's state. Raises ClientError if Pulumi does not say."""
    argv = ["pulumi", "stack", "export", "--stack", stack, "--non-interactive"]
    try:
        done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603
    except FileNotFoundError:
        raise ClientError("pulumi is not on PATH; `. ./env.sh` puts it there") from None
    if done.returncode != 0:
        raise ClientError(f"pulumi does not give the state of {stack}: {done.stderr.strip()}")
    document: dict[str, Any] = json.loads(done.stdout)
    resources: list[dict[str, Any]] = (document.get("deployment") or {}).get("resources") or []
    return resources


def show(opened: OpenStack, found: Destroyed) -> None:
    """Three parts; the names of all that is no policy of something else."""
    stack = opened.settings.stack
    if not (found.goes or found.stays):
        say(f"{stack}: nothing is deployed, so there is nothing to lose")
        return
    say(f"`pulumi destroy --stack {stack}` would take away:", style="bold")
    _rows(found.goes)
    say("It would leave in the account:", style="bold")
    _rows(found.stays)
    for service in found.left_running:
        say(f"  running on machines of others: {service}")
    if found.protected:
        say("It stops before all that, as these are protected:", style="bold")
        _rows(found.protected)
        say(f"  one by one: pulumi state unprotect <urn> --stack {stack}")
    if found.stays:
        say(
            "A stack that is made anew takes over what stayed with SLIPWAY_ADOPT=true, or uses it "
            "with `create: false`."
        )


def _rows(things: Sequence[Thing]) -> None:
    if things:
        show_table(("  WHAT", "NAME"), [(f"  {each.kind}", each.name) for each in things])
    else:
        say("  nothing")
