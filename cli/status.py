"""`slipway status`: what really runs, beside what the record of the stack says."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from typing import Annotated, Any

import typer

from cli.answers import AsJson, say, show_json, show_table
from cli.history import StackName
from cli.stack import OpenStack, open_stack
from cli.status_ask import Probe, ask_all
from cli.status_cloud import look_at_ecs, look_at_function
from cli.status_docker import look_at_container
from cli.status_hosts import look_at_hosts
from cli.status_kubernetes import look_at_pods
from clients.registry import Registry
from clients.registry_manifests import contents
from infra.places import (
    DockerPlace,
    EcsPlace,
    HostPlace,
    KubernetesPlace,
    LambdaPlace,
    Place,
    place_of,
)
from release.record import Record, ServiceEntry
from release.record_words import name_of
from release.status import Compared, Seen, compare, short

_COLUMNS = ("", "SERVICE", "WHERE", "STATE", "DIGEST", "RECORD", "SINCE (UTC)", "HEALTH", "NOTES")
_CLEANING_UP = 2.0  # seconds beyond the deadline, in which a late command is cancelled
Seconds = Annotated[
    float, typer.Option("--timeout", min=1, max=600, help="Seconds that everything may take.")
]


def register(app: typer.Typer) -> None:
    """Adds the command."""

    @app.command("status")
    def status(stack: StackName, timeout: Seconds = 30, as_json: AsJson = False) -> None:
        """Read back what really runs on every target, beside what the stack's record says.

        Nothing is changed. Hosts that are off are named, not waited for. The exit code is 1 if
        something does not run what the record says; each such row is marked with a !.
        """
        opened = opened_stack(stack)
        record = current_record(opened, stack)
        rows = compare(look(opened, record, timeout), record)
        if as_json:
            show_json(document_of(stack, record, rows))
        else:
            show(stack, record, rows)
        if any(each.problem for each in rows):
            raise typer.Exit(1)


def opened_stack(name: str) -> OpenStack:
    """The stack. A name that is none is a wrong use (exit code 2), apart from a mismatch (1)."""
    try:
        return open_stack(name)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def current_record(opened: OpenStack, stack: str) -> Record | None:
    """The record that the stack's pointer names; None before the first deploy."""
    found = opened.records.pointer(stack)
    return opened.records.read(stack, found[0].record) if found else None


def look(opened: OpenStack, record: Record | None, seconds: float) -> list[Seen]:
    """What every service of the stack runs, asked in parallel and with one deadline."""
    deadline = time.monotonic() + seconds
    probes = [
        Probe(
            service=name,
            target=service.target,
            where="-",
            ask=_question(
                opened,
                place_of(opened.settings, name),
                record.services.get(name) if record else None,
                deadline,
            ),
        )
        for name, service in sorted(opened.settings.services.items())
    ]
    return ask_all(probes, deadline + _CLEANING_UP, seconds)


def _question(
    opened: OpenStack, place: Place, entry: ServiceEntry | None, deadline: float
) -> Callable[[], list[Seen]]:
    wanted = entry.digest if entry else None
    match place:
        case HostPlace():
            return partial(look_at_hosts, opened.access, place, deadline)
        case EcsPlace():
            children = partial(_children, opened, entry)
            return partial(look_at_ecs, opened.access, place, wanted, children)
        case LambdaPlace():
            return partial(look_at_function, opened.access, place)
        case DockerPlace():
            return partial(look_at_container, place, wanted)
        case KubernetesPlace():
            return partial(look_at_pods, opened, place, wanted)


def _children(opened: OpenStack, entry: ServiceEntry | None, digest: str) -> frozenset[str]:
    """The manifests of an index in the service's repository, which is asked."""
    if entry is None:
        return frozenset()
    name = entry.image.partition("@")[0]
    head, slash, last = name.rpartition("/")
    registry = Registry(f"{head}{slash}{last.partition(':')[0]}", opened.keychain)
    listed = contents(registry.get(digest), digest).children
    return frozenset(each.digest for each in listed)


def document_of(stack: str, record: Record | None, rows: list[Compared]) -> dict[str, Any]:
    """The answer for a machine."""
    return {
        "stack": stack,
        "record": record.id if record else None,
        "version": record.version if record else None,
        "agrees": not any(each.problem for each in rows),
        "services": [asdict(each) for each in rows],
    }


def show(stack: str, record: Record | None, rows: list[Compared]) -> None:
    """One line for each service in each place, the problem first in its notes."""
    if not rows:
        say(f"{stack} has no services")
        return
    show_table(_COLUMNS, [_row(each) for each in rows])
    wrong = [each for each in rows if each.problem]
    told = f"{name_of(record)} ({record.id})" if record else "nothing was deployed yet"
    if wrong:
        say(
            f"{len(wrong)} of {len(rows)} do not run what the record says: {told}; "
            f"`pulumi preview --stack {stack}` says what an update would mend"
        )
    else:
        say(f"all {len(rows)} as recorded: {told}")


def _row(each: Compared) -> tuple[str, ...]:
    seen = each.seen
    facts = ", ".join(f"{name} {value}" for name, value in seen.facts.items())
    return (
        "!" if each.problem else "",
        seen.service,
        seen.where,
        seen.state,
        short(seen.digest),
        short(each.digest),
        seen.since[:16].replace("T", " ") or "-",
        seen.health or "-",
        "; ".join(filter(None, (each.problem or seen.why, facts))),
    )
