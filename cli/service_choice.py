"""Which stack a service is meant in: the only one that has it, else the one that is named."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
import yaml

from cli.stack import OpenStack, open_stack, project_folder

ServiceName = Annotated[str, typer.Argument(help="The service, as in the stack file.")]
OneStack = Annotated[
    str | None,
    typer.Option("--stack", "-s", help="The stack; the only one with that service if not given."),
]


def stack_with(service: str, stack: str | None) -> OpenStack:
    """The stack that a service is meant in. What can't be meant is a wrong use (exit code 2)."""
    try:
        opened = open_stack(stack or _only_stack(service))
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    if service not in opened.settings.services:
        known = ", ".join(sorted(opened.settings.services)) or "none"
        raise typer.BadParameter(
            f"{opened.settings.stack} has no service {service!r}; allowed: {known}"
        )
    return opened


def _only_stack(service: str) -> str:
    folder = project_folder()
    files = sorted(folder.glob("Pulumi.*.yaml"))
    stacks = {file.name[7:-5]: _services(file) for file in files}
    having = [name for name, services in stacks.items() if service in services]
    if len(having) == 1:
        return having[0]
    if having:
        raise ValueError(
            f"{len(having)} stacks have a service {service!r}; say which: "
            + ", ".join(f"--stack {name}" for name in having)
        )
    known = sorted({each for services in stacks.values() for each in services})
    raise ValueError(
        f"no stack in {folder} has a service {service!r}; allowed: {', '.join(known) or 'none'}"
    )


def _services(file: Path) -> set[str]:
    """The names alone: another stack's mistakes are told where that stack is meant."""
    try:
        config = (yaml.safe_load(file.read_text()) or {}).get("config") or {}
        return {
            str(name)
            for key, services in config.items()
            if str(key).endswith(":services")
            for name in services or {}
        }
    except (OSError, yaml.YAMLError, AttributeError, TypeError):
        return set()
