"""What the engine's preview of a stack says: `pulumi preview --json`, run and read."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping

from cli.stack import OpenStack, open_stack
from clients import ClientError
from release.changes import Changes
from release.notes import one_line
from release.pulumi_plan import changes_of_plan, plan_of

# No preview shows them; should a plugin's message ever do, it ends here.
_SECRETS = (
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "GH_TOKEN",
    "GITHUB_TOKEN",
    "PULUMI_ACCESS_TOKEN",
    "PULUMI_CONFIG_PASSPHRASE",
)
_SHORTEST = 6  # a shorter one is part of ordinary words
_LONGEST = 1500  # characters of what pulumi said when it gave no plan


def previewed(name: str) -> Changes:
    """What the next update of a stack changes; with `failure` if that can't be told.

    Raises `ClientError` if there is no pulumi.
    """
    try:
        stack = open_stack(name)
    except ValueError as error:
        return Changes(stack=name, is_plan=True, failure=one_line(str(error), _LONGEST))
    code, said, errors = _run_preview(stack, name)
    if "no stack named" in errors:
        note = f"nothing is deployed yet: `pulumi up --stack {name}` makes the stack"
        return Changes(stack=name, is_plan=True, notes=(note,))
    try:
        changes = changes_of_plan(name, plan_of(said), image_of_each_service(stack))
    except ValueError as error:
        text = one_line(errors or said, _LONGEST) or str(error)
        return Changes(stack=name, is_plan=True, failure=text)
    if code != 0 and not changes.failure:
        text = one_line(errors, _LONGEST) or f"pulumi preview ended with exit code {code}"
        return Changes(stack=name, is_plan=True, notes=changes.notes, failure=text)
    return changes


def image_of_each_service(stack: OpenStack) -> dict[str, str]:
    """The image that each service of the stack file runs."""
    return {name: each.image or name for name, each in stack.settings.services.items()}


def _run_preview(stack: OpenStack, name: str) -> tuple[int, str, str]:
    argv = ["pulumi", "preview", "--stack", name, "--json", "--non-interactive"]
    try:
        done = subprocess.run(  # noqa: S603 -- a list of words
            argv,
            cwd=stack.folder,
            env={**os.environ, "NO_COLOR": "1"},
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
    except FileNotFoundError:
        raise ClientError("pulumi is not on PATH; `. ./env.sh` puts it there") from None
    return done.returncode, masked(done.stdout, os.environ), masked(done.stderr, os.environ)


def masked(text: str, environment: Mapping[str, str]) -> str:
    """The text without what the secret variables of this process hold."""
    for name in _SECRETS:
        value = environment.get(name, "").strip()
        if len(value) >= _SHORTEST:
            text = text.replace(value, "***")
    return text
