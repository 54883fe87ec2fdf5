"""`slipway tag`: the next version tag of this commit, shown, offered, checked, made; not pushed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.answers import AsJson, DryRun, may_ask, say, show_json
from clients.git import Checkout, checkout, read_tree
from clients.git_tags import make_tag, tags
from release.versions import check_suffixed, is_plain, next_suffixed, order
from release.why_inputs import files_of

SHOWN = 5

Suffix = Annotated[
    str, typer.Option(envvar="SLIPWAY_SUFFIX", help="What versions end in, after a hyphen.")
]
TypedVersion = Annotated[
    str | None,
    typer.Option(
        "--version", envvar="SLIPWAY_TAG", help="The version; asked for, or the next one."
    ),
]
NoInput = Annotated[
    bool, typer.Option("--yes", "-y", "--no-input", help="Do not ask: take the offered version.")
]


def register(app: typer.Typer) -> None:
    """Adds the command."""

    @app.command("tag")
    def tag(
        suffix: Suffix = "dev",
        version: TypedVersion = None,
        yes: NoInput = False,
        dry_run: DryRun = False,
        as_json: AsJson = False,
    ) -> None:
        """Tag this commit with the next version of a suffix (0.1.30-dev). Nothing is pushed.

        Shows the last five such tags and asks for the version; without a terminal it takes
        --version, or the offered one with --yes.
        """
        at = work_tree()
        offered = offer(at, suffix, quiet=as_json)
        chosen = choose(suffix, offered, version, yes=yes or dry_run)
        refuse_existing(at, chosen)
        refuse_uncommitted(at)
        if not dry_run:
            make_tag(at, chosen)
        if as_json:
            show_json({"tag": chosen, "commit": at.commit, "made": not dry_run})
        else:
            say(f"{'Would tag' if dry_run else 'Tagged'}: {chosen} ({at.commit[:7]})")


def work_tree() -> Checkout:
    """The work tree around the folder at hand. Raises `GitError` if there is none."""
    return checkout(Path.cwd())


def offer(at: Checkout, suffix: str, *, quiet: bool = False) -> str:
    """Shows the last tags of a suffix; the version after the newest.

    Raises `ValueError` for a suffix that no version can have.
    """
    found = tags(at, f"*-{suffix}")
    offered = next_suffixed(found, suffix)
    versions = [each for each in found if is_plain(each.removesuffix(f"-{suffix}"))]
    if not quiet:
        say(f"The last {suffix} tags:")
        for each in sorted(versions, key=order, reverse=True)[:SHOWN] or ["none yet"]:
            say(f"  {each}")
    return offered


def choose(suffix: str, offered: str, typed: str | None, *, yes: bool) -> str:
    """The version: what was typed, else what is answered, else the offered one.

    Raises `ValueError` if it does not end in the suffix, or if nobody is there to be asked.
    """
    if typed:
        return check_suffixed(typed, suffix)
    if yes:
        return offered
    if not may_ask():
        raise ValueError(
            f"nobody is here to be asked for a version: say --version {offered}, or --yes to take "
            "the next one"
        )
    question = f"Enter new version (leave blank for default: {offered})"
    return check_suffixed(typer.prompt(question, default=offered, show_default=False), suffix)


def refuse_existing(at: Checkout, version: str) -> None:
    """Raises `ValueError` if there is such a tag."""
    if version in tags(at):
        raise ValueError(
            f"the tag {version} exists already, and tags are never moved; say another --version"
        )


def refuse_uncommitted(at: Checkout) -> None:
    """Raises `ValueError` if files differ from the commit; stack files don't count."""
    differing = sorted(
        path for path in read_tree(at).uncommitted if not Path(path).match("Pulumi.*.yaml")
    )
    if differing:
        raise ValueError(
            f"not committed: {files_of(differing)}; the tag would not have it. "
            "Commit, stash or remove the change"
        )
