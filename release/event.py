"""What is told of a deployment to others: one JSON object, made of its record alone."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from release.record import Record
from release.record_schema import (
    Commit,
    Digest,
    Document,
    Line,
    Lines,
    Moment,
    Name,
    RecordId,
    Stack,
    Version,
)

EVENT_VERSION = 1
MOST_SERVICES = 100
"""SNS takes 256 KB: https://docs.aws.amazon.com/general/latest/gr/sns.html"""
_VERDICT = 160  # characters


class EventService(Document):
    """One service that the update deployed or tried to."""

    target: Name
    """What it runs on: host, ecs, lambda, microk8s or docker."""
    digest: Digest
    """The digest that was read back from the target."""
    version: Line = ""
    """The version that the target names."""
    verdict: Line = ""
    """What came of it, in words; at most 160 characters."""


class Event(Document):
    """The body of the request, and the message of the topic."""

    schema_version: Literal[1] = 1
    """Version of this schema; raised when a key goes or changes its meaning."""
    event: Literal["deployment"] = "deployment"
    """What it tells of."""
    id: RecordId
    """The record's id. One id is sent once; whoever gets it twice may drop the second."""
    project: Name
    """The Pulumi project."""
    stack: Stack
    """The Pulumi stack."""
    version: Version | None = None
    """The version of the update, if the stack has versions."""
    commit: Commit
    """The commit that the content comes from."""
    who: Line
    """Who started it: the CI's actor, or user@host."""
    where: Line
    """The CI run's URL, or the host's name."""
    started: Moment
    """When the first resource acted, UTC."""
    finished: Moment
    """When it succeeded or failed, UTC."""
    outcome: Literal["succeeded", "failed"]
    """What came of it."""
    rollback: bool
    """Whether it went back to something older."""
    failure: Lines | None = None
    """What went wrong, without the output of services."""
    services: Annotated[dict[Name, EventService], Field(max_length=MOST_SERVICES)]
    """The services that this update deployed, by name; at most 100."""
    more_services: int = 0
    """How many more there are than `services` has."""
    record: Line
    """Where the whole record is: s3://bucket/key."""


def event_of(record: Record, address: str) -> Event:
    """The event of a record that is closed; `address` is where the record is.

    Raises ValueError for one that is open.
    """
    if record.outcome == "open" or record.finished is None:
        raise ValueError(f"the record {record.id} is open: there is nothing to tell yet")
    touched = {
        name: each
        for name, each in sorted(record.services.items())
        # A failed record has those alone that were reached.
        if record.outcome == "failed" or each.deployment == record.id
    }
    services = {
        name: EventService(
            target=each.target,
            digest=each.digest,
            version=each.version,
            verdict=each.verdict[:_VERDICT],
        )
        for name, each in list(touched.items())[:MOST_SERVICES]
    }
    return Event(
        id=record.id,
        project=record.project,
        stack=record.stack,
        version=record.version,
        commit=record.commit,
        who=record.who,
        where=record.where,
        started=record.started,
        finished=record.finished,
        outcome=record.outcome,
        rollback=record.rollback,
        failure=record.failure,
        services=services,
        more_services=len(touched) - len(services),
        record=address,
    )
