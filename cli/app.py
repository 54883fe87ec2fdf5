"""`slipway`: what a person types beside `pulumi`."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import typer

from cli import (
    build,
    check,
    cleanup,
    comment,
    deploy_dev,
    history,
    images,
    logs,
    loses,
    release,
    release_notes,
    report,
    rollback,
    run,
    scan,
    shell,
    status,
    tags,
    unlock,
    versions,
    why,
)
from clients import ClientError
from release.record_text import harmless

HELP = "What a person types beside `pulumi`: look, name, release, run, tidy up."
THEMES = (
    images,
    why,
    build,
    versions,
    release,
    tags,
    deploy_dev,
    history,
    rollback,
    check,
    release_notes,
    comment,
    status,
    report,
    logs,
    shell,
    run,
    scan,
    unlock,
    loses,
    cleanup,
)


def make_app() -> typer.Typer:
    """The program with all its commands."""
    app = typer.Typer(
        name="slipway",
        help=HELP,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        # Help and errors are the same text with a terminal and without.
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    for theme in THEMES:
        theme.register(app)
    return app


def main(words: Sequence[str] | None = None) -> None:
    """Runs one command and exits: 0 done, 1 refused or failed, 2 not understood."""
    app = make_app()
    try:
        try:
            app(args=None if words is None else list(words), prog_name="slipway")
        finally:
            sys.stdout.flush()
    except (ClientError, ValueError) as error:
        sys.stderr.write(f"slipway: {harmless(str(error))}\n")
        sys.exit(1)
    except BrokenPipeError:
        _leave_stdout()  # nobody reads any more: there is nobody to tell
        sys.exit(1)
    except OSError as error:
        _leave_stdout()
        sys.stderr.write(f"slipway: {harmless(str(error))}\n")
        sys.exit(1)


def _leave_stdout() -> None:
    """What could not be written is not tried again, by Python, when it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    main()
