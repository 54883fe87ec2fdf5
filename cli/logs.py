"""`slipway logs`: what a service printed, wherever it runs."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated

import typer

from cli.log_lines import Line, LogSource
from cli.log_sources import source_of
from cli.service_choice import OneStack, ServiceName, stack_with
from clients.logs import neutral
from infra.places import place_of
from release.record_text import plain

_SINCE = re.compile(r"(?P<count>[0-9]{1,6})(?P<unit>[smhd])")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
Lines = Annotated[
    int, typer.Option("--lines", "-n", min=1, max=10_000, help="How many lines, the newest ones.")
]
Since = Annotated[str | None, typer.Option(help="Nothing older than that: 30s, 10m, 2h or 7d.")]
Follow = Annotated[bool, typer.Option("--follow", "-f", help="Go on until Ctrl-C.")]


def register(app: typer.Typer) -> None:
    """Adds the command."""

    @app.command("logs")
    def logs(
        service: ServiceName,
        stack: OneStack = None,
        lines: Lines = 100,
        since: Since = None,
        follow: Follow = False,
    ) -> None:
        """Print what a service printed last: time (UTC), task, host or container, line.

        Of ECS and Lambda from CloudWatch Logs; of a host its unit's journal through Systems
        Manager, at most 100 lines at once; of Docker from the engine; of pods from the cluster.
        """
        begin = None if since is None else time.time() - seconds_of(since)
        opened = stack_with(service, stack)
        source = source_of(opened, place_of(opened.settings, service))
        try:
            show(source.newest(lines, begin))
            if follow:
                follow_on(source)
        except KeyboardInterrupt:
            raise typer.Exit(0) from None
        except BrokenPipeError:
            # Whoever read it has enough, as `head` has.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(0) from None


def seconds_of(since: str) -> int:
    """Seconds of 30s, 10m, 2h or 7d; what is none is a wrong use (exit code 2)."""
    found = _SINCE.fullmatch(since)
    if found is None:
        raise typer.BadParameter(
            f"--since {since!r}; allowed: a number and s, m, h or d, such as 10m"
        )
    return int(found["count"]) * _UNITS[found["unit"]]


def follow_on(source: LogSource) -> None:
    """Shows what comes, until somebody ends it."""
    while True:
        time.sleep(source.pause)
        show(source.more())


def show(lines: Iterable[Line]) -> None:
    """Each with its time and source, and without what moves a terminal."""
    for each in lines:
        at = datetime.fromtimestamp(each.at, UTC)
        source, text = plain(each.source, 100), neutral(each.text)
        sys.stdout.write(f"{at:%Y-%m-%dT%H:%M:%SZ} {source} {text}\n")
    sys.stdout.flush()
