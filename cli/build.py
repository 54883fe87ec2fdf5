"""`slipway build`: builds what changed, as an update would, and pushes nothing."""

from __future__ import annotations

import sys
import threading
import time
from typing import Annotated

import typer

from cli.answers import Stack, say
from cli.stack import OpenStack, open_stack
from clients import ClientError
from clients.builder import Builder, BuildRequest
from clients.builder_context import ContextSource
from clients.git import Checkout, checkout
from release.plan import PlannedImage
from release.why_inputs import files_of

Images = Annotated[
    list[str] | None, typer.Argument(help="Images; those that changed against main if not given.")
]
All = Annotated[bool, typer.Option("--all", help="Every image.")]


def register(app: typer.Typer) -> None:
    """Adds the command."""

    @app.command("build")
    def build(image: Images = None, stack: Stack = "dev", everything: All = False) -> None:
        """Build images as an update would, and push them nowhere: do they build at all?

        No login is needed but for base images that need one. The exit code is 1 if one fails.
        """
        opened = open_stack(stack)
        wanted = chosen(opened, image or [], everything)
        if not wanted:
            say(f"nothing to build: no input of an image differs from {opened.settings.main}")
            return
        at = checkout(opened.folder)
        builder = Builder(opened.keychain, opened.settings.build.builder)
        failed = [name for name in wanted if not tried(opened, builder, at, name)]
        if failed:
            raise ClientError(f"{len(failed)} of {len(wanted)} builds failed: {', '.join(failed)}")


def chosen(stack: OpenStack, named: list[str], everything: bool) -> list[str]:
    """The images that are meant. Raises `ValueError` for one that there is not."""
    images = stack.look.images
    unknown = sorted(set(named) - images.keys())
    if unknown:
        known = ", ".join(sorted(images)) or "none"
        raise ValueError(f"there is no image {', '.join(unknown)}; allowed: {known}")
    # Without a main branch to compare with, nothing is known to be unchanged.
    if everything or (not named and stack.look.tree.changed is None):
        return sorted(images)
    return sorted(named) or sorted(
        name for name, each in images.items() if each.changed or each.dirty
    )


def tried(stack: OpenStack, builder: Builder, at: Checkout, name: str) -> bool:
    """Whether an image builds; the end of its log is shown if not."""
    planned = stack.look.images[name]
    say(f"{name}: building ({files_of(planned.changed or planned.dirty) or 'asked for'})")
    began = time.monotonic()
    try:
        builder.build(at, request_of(stack, planned), lambda _: None, threading.Event())
    except ClientError as error:
        sys.stderr.write(f"{error}\n")
        return False
    say(f"{name}: built in {time.monotonic() - began:.1f} s, pushed nowhere")
    return True


def request_of(stack: OpenStack, planned: PlannedImage) -> BuildRequest:
    """The build that an update would do, without a place to push to."""
    source, wish = planned.source, stack.settings.build
    return BuildRequest(
        image=source.name,
        repository=None,
        source=ContextSource(
            tree=stack.look.tree.tree,
            context=source.context,
            dockerfile=source.dockerfile,
            extra_inputs=tuple(source.inputs),
        ),
        build_args=planned.args,
        platforms=planned.platforms,
        secrets=wish.secrets,
        timeout=wish.timeout,
    )
