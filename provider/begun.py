"""An update that has begun: what its record says from the start, and what is gathered for it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from clients import ClientError
from provider import origin
from release.record_text import moment, new_id

if TYPE_CHECKING:
    # Imported late: pydantic and boto3 are no matter for a stack without a bucket.
    from clients.record_store import RecordStore
    from release.record import Hold, ImageEntry, Pointer, Record, ServiceEntry

HOLD = "SLIPWAY_HOLD"


@dataclass(frozen=True, kw_only=True)
class Stack:
    """Whose update it is, and where its records are."""

    project: str
    """The Pulumi project."""
    name: str
    """The Pulumi stack."""
    store: Callable[[], RecordStore]
    """Makes the client of its records when they are needed."""
    commit: Callable[[], str]
    """The commit that is checked out."""


@dataclass
class Begun:
    """What is gathered until the record is written."""

    id: str
    version: str | None
    commit: str
    started: str
    images: dict[str, ImageEntry] = field(default_factory=dict)
    services: dict[str, ServiceEntry] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    record: Record | None = None
    """What is in the bucket."""


class HeldError(ClientError):
    """A rollback holds the stack, and this update would move it on."""

    def __init__(self, stack: str, hold: Hold, current: str | None, wanted: str | None) -> None:
        at = f" at {current}" if current else ""
        to = f"{wanted} is not deployed" if wanted else "nothing is changed"
        super().__init__(
            f"{stack} is held{at} by {hold.who} since {hold.since}: {hold.why}. So {to}. "
            f"`slipway resume {stack}` lifts the hold, then run this again"
        )


def hold_asked(environment: Mapping[str, str]) -> str | None:
    """Why a rollback was asked for: the word of SLIPWAY_HOLD, or None."""
    return environment.get(HOLD, "").strip() or None


def begun(commit: str, version: str | None) -> Begun:
    """An update that begins now."""
    now = datetime.now(UTC)
    return Begun(
        id=new_id(commit, now, secrets.token_hex(3)),
        version=version,
        commit=commit,
        started=moment(now),
    )


def header(
    stack: Stack,
    update: Begun,
    found: tuple[Pointer, str] | None,
    environment: Mapping[str, str],
) -> Record:
    """The record of an update as it is opened; `found` is the pointer at its beginning."""
    from release.record import Record
    from release.rollback import goes_back

    current = found[0] if found else None
    return Record(
        id=update.id,
        project=stack.project,
        stack=stack.name,
        version=update.version,
        commit=update.commit,
        checkout=update.commit,
        who=origin.who(environment),
        where=origin.where(environment),
        started=update.started,
        outcome="open",
        rollback=goes_back(current, update.version, hold_asked(environment)),
        previous=current.record if current else None,
    )
