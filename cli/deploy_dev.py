"""`slipway deploy-dev`: tag what the branch dev has, and push both; the tag's workflow deploys."""

from __future__ import annotations

from shlex import quote
from typing import Annotated

import typer

from cli.answers import AsJson, DryRun, say, show_json
from cli.tags import (
    NoInput,
    Suffix,
    TypedVersion,
    choose,
    offer,
    refuse_existing,
    refuse_uncommitted,
    work_tree,
)
from clients import ClientError
from clients.git import Checkout
from clients.git_branches import behind
from clients.git_tags import current_branch, fetch_tags, make_tag, push, tags_at

Branch = Annotated[str, typer.Option(help="The only branch that may be deployed.")]
Remote = Annotated[str, typer.Option(help="Where branch and tag are pushed to.")]


def register(app: typer.Typer) -> None:
    """Adds the command."""

    @app.command("deploy-dev")
    def deploy_dev(
        branch: Branch = "dev",
        remote: Remote = "origin",
        suffix: Suffix = "dev",
        version: TypedVersion = None,
        yes: NoInput = False,
        dry_run: DryRun = False,
        as_json: AsJson = False,
    ) -> None:
        """Fetch tags, check the branch, tag the next version, push branch and tag.

        The pushed tag starts the workflow that builds and deploys. Without a terminal it takes
        --version, or the offered one with --yes.
        """
        at = work_tree()
        _say(as_json, f"1. Fetching the tags of {remote}")
        # A dry run needs them too: it shows the version that would be taken.
        fetch_tags(at, remote)
        _say(as_json, f"2. The branch must be {branch}")
        check_branch(at, branch, remote)
        refuse_uncommitted(at)
        _say(as_json, "3. The version")
        offered = offer(at, suffix, quiet=as_json)
        chosen = choose(suffix, offered, version, yes=yes or dry_run)
        made = _tag(at, chosen, dry_run)
        _say(as_json, f"   {made}: {chosen} ({at.commit[:7]})")
        refs = [f"refs/heads/{branch}", f"refs/tags/{chosen}"]
        _say(as_json, f"4. {'Would push' if dry_run else 'Pushing'} {branch} and {chosen}")
        if not dry_run:
            _push(at, remote, refs, chosen)
        if as_json:
            show_json({"tag": chosen, "commit": at.commit, "remote": remote, "pushed": not dry_run})
        elif not dry_run:
            say(f"Pushed to {remote}. The tag {chosen} starts the deployment.")


def check_branch(at: Checkout, branch: str, remote: str) -> None:
    """Raises `ValueError` unless that branch is checked out, and no older than the remote's."""
    found = current_branch(at)
    if found != branch:
        where = "a detached HEAD is" if found is None else f"{found!r} is"
        raise ValueError(
            f"can only deploy-dev from the branch {branch!r}, and {where} checked out; "
            f"`git switch {quote(branch)}`, or name another one with --branch"
        )
    missing = behind(at, remote, branch)
    if missing:
        raise ValueError(
            f"{branch!r} lacks {missing} commit{'s' if missing > 1 else ''} that {remote} has; "
            f"`git pull --rebase {quote(remote)}`, then this again"
        )


def _tag(at: Checkout, version: str, dry_run: bool) -> str:
    if version in tags_at(at, at.commit):
        # A push that failed left it behind; on another commit it would be refused.
        return "Tagged already"
    refuse_existing(at, version)
    if dry_run:
        return "Would tag"
    make_tag(at, version)
    return "Tagged"


def _push(at: Checkout, remote: str, refs: list[str], version: str) -> None:
    try:
        push(at, remote, refs)
    except ClientError as error:
        raise ClientError(
            f"{remote} did not take the push, neither branch nor tag: {error}\nThe tag {version} "
            f"is made here; when that is mended: slipway deploy-dev --version {version}"
        ) from None


def _say(as_json: bool, text: str) -> None:
    if not as_json:
        say(text)
