"""`slipway release`: one image gets its next version, and is deployed, also when unchanged."""

from __future__ import annotations

import os
import shlex
import subprocess

import typer

from cli.answers import DryRun, Stack, Yes, may_ask, say
from cli.stack import OpenStack, open_stack
from cli.versions import BumpWord, ImageName, known_image, latest_version
from cli.why import remember
from clients import ClientError
from release.bump import check_bump
from release.versions import bumped


def register(app: typer.Typer) -> None:
    """Adds the command."""

    @app.command("release")
    def release(
        image: ImageName,
        bump: BumpWord,
        stack: Stack = "dev",
        dry_run: DryRun = False,
        yes: Yes = False,
    ) -> None:
        """Give one image its next version and deploy it alone, also when nothing changed.

        Runs `pulumi up` (with --dry-run `pulumi preview`) for that image, its services, and the
        record of the release.
        """
        opened = open_stack(stack)
        known_image(opened, image)
        kind = check_bump(bump)
        check_counts_up(opened)
        check_deployed(opened)
        if not dry_run and not yes and not may_ask():
            raise ValueError("nobody is here to be asked: say --yes, or --dry-run to only look")
        latest = latest_version(opened, image)
        say(f"{image}: {latest or 'no version yet'} -> {bumped(latest, kind)} ({kind})")
        code = run_pulumi(opened, image, kind, arguments(opened, image, dry_run, yes))
        if code != 0:
            raise typer.Exit(1)


def check_counts_up(stack: OpenStack) -> None:
    """Raises `ValueError` unless the stack takes its versions from the registry."""
    source, name = stack.settings.release.version_from, stack.settings.stack
    if source != "registry":
        raise ValueError(
            f"the stack {name!r} does not count versions up (version_from: {source}); release with "
            f"`pulumi up --stack {name} -c version=v1.2.0`, or set "
            "`slipway:release.version_from: registry`"
        )


def check_deployed(stack: OpenStack) -> None:
    """Raises `ValueError` for a stack without a record: nothing is there for one image to join."""
    if remember(stack).current is None:
        name = stack.settings.stack
        raise ValueError(
            f"the stack {name!r} is not deployed yet, and one image alone can't be; "
            f"`pulumi up --stack {name}` deploys all of them, each with its first version"
        )


def arguments(stack: OpenStack, image: str, dry_run: bool, yes: bool) -> list[str]:
    """The command: an update of that image and what depends on it, and of nothing else."""
    words = ["pulumi", "preview" if dry_run else "up", "--stack", stack.settings.stack]
    if yes and not dry_run:
        words += ["--yes", "--skip-preview"]
    if not may_ask():
        words.append("--non-interactive")
    for target in targets(stack, image):
        words += ["--target", target]
    return words


def targets(stack: OpenStack, image: str) -> list[str]:
    """The URNs of what a release of one image concerns; `*` is any word, `**` any words.

    The image with its provider and repository, the services that run it with the bundle that
    describes them, and the record. What else these need is in the state of a deployed stack.
    """
    services = [
        name
        for name, service in stack.settings.services.items()
        if (service.image or name) == image
    ]
    above = f"urn:pulumi:{stack.settings.stack}::{stack.settings.project}::"
    return [
        f"{above}pulumi:providers:rollout::rollout",
        f"{above}slipway:index:ImageRepository::{image}",
        f"{above}slipway:index:ImageRepository$**::{image}-repository",
        f"{above}slipway:index:ImageRepository$**::{image}-readers",
        f"{above}rollout:index:Image::{image}",
        f"{above}slipway:index:BundleStore$**::bundles-bundle",
        *(f"{above}slipway:index:*Service::{name}" for name in services),
        *(f"{above}**::{name}-rollout" for name in services),
        f"{above}rollout:index:Record::record",
    ]


def run_pulumi(stack: OpenStack, image: str, bump: str, words: list[str]) -> int:
    """Runs pulumi in the project's folder, its output passed on; its exit code."""
    environment = {**os.environ, "SLIPWAY_RELEASE": image, "SLIPWAY_BUMP": bump}
    say(f"$ SLIPWAY_RELEASE={image} SLIPWAY_BUMP={bump} {shlex.join(words)}")
    try:
        return subprocess.run(words, cwd=stack.folder, env=environment, check=False).returncode  # noqa: S603
    except FileNotFoundError:
        raise ClientError("pulumi is not on PATH; `. ./env.sh` puts it there") from None
