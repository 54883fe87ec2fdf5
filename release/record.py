"""What an update leaves behind: its record, the pointer to the current one, and the hold.

They are JSON objects in the bundle bucket. Whoever reads one trusts nothing in it: unknown keys,
control characters, wrong grammar and sizes beyond the limits are refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from release.record_schema import (
    SCHEMA_VERSION,
    Commit,
    Digest,
    Document,
    Label,
    Line,
    Lines,
    Moment,
    Name,
    RecordId,
    Repository,
    Seconds,
    Stack,
    Tag,
    Version,
)


class ImageEntry(Document):
    """One image of the stack as the update left it."""

    repository: Repository
    """Where it is kept: host[:port]/path."""
    digest: Digest
    """sha256:… of the manifest or index."""
    tag: Tag
    """The name that people read."""
    reason: Line = ""
    """Why it was built, or where it was found."""
    key: Annotated[str, Field(pattern="^[0-9a-f]{8,64}$")] | None = None
    """Content key that it was built from; none if only its name is known."""
    inputs: Annotated[Mapping[Label, Lines], Field(max_length=5000)] = Field(default_factory=dict)
    """What the key was made of: each ingredient with its git id or value."""
    deployment: RecordId | None = None
    """Record in which it was last built or named: this record's own id if it changed here."""


class ServiceEntry(Document):
    """One service of the stack as the update left it."""

    target: Name
    """What it runs on: host, ecs, lambda, microk8s or docker."""
    image: Line
    """The image as the target got it."""
    digest: Digest
    """The digest that was read back from the target."""
    version: Line = ""
    """The version that the target names."""
    reason: Line = ""
    """Why it was deployed."""
    verdict: Line = ""
    """What came of it, in words."""
    seconds: Annotated[Mapping[Line, Seconds], Field(max_length=100)] = Field(default_factory=dict)
    """How long each step took, in seconds."""
    deployment: RecordId | None = None
    """Record in which it was last deployed: this record's own id if it changed here."""


class BundleEntry(Document):
    """The deploy bundle of the update."""

    bucket: Name
    """Bucket that it lies in."""
    key: Name
    """Its key in the bucket."""
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    """SHA-256 of its bytes."""
    version: Line
    """The version that it names."""


class Source(Document):
    """Where the content was taken from, when it was not this commit's own."""

    record: RecordId | None = None
    """The record whose digests were deployed."""
    commit: Commit | None = None
    """The commit of that record."""


class Record(Document):
    """`records/<stack>/<id>.json`: one update that changed something.

    It is written as `open` before the first rollout and closed by the last resource, by a rollout
    that fails, or when the engine ends the plugin because something else failed. An `open` one
    whose run has ended is an update that was killed.
    """

    schema_version: Literal[1] = SCHEMA_VERSION
    """Version of this schema; a newer one is refused by an older slipway."""
    id: RecordId
    """Start (UTC), 7 digits of the commit, 6 random digits: ids sort by time."""
    project: Name
    """The Pulumi project."""
    stack: Stack
    """The Pulumi stack."""
    version: Version | None = None
    """The version of the update, if the stack has versions."""
    names: Annotated[tuple[Tag, ...], Field(max_length=20000)] = ()
    """The names that the images got."""
    commit: Commit
    """The commit that the content comes from."""
    checkout: Commit
    """The commit that was checked out where the update ran."""
    source: Source | None = None
    """Where the content was taken from, when it was not this commit's own."""
    who: Line
    """Who started it: the CI's actor, or user@host."""
    where: Line
    """The CI run's URL, or the host's name."""
    started: Moment
    """When the first resource acted, UTC."""
    finished: Moment | None = None
    """When it succeeded or failed, UTC."""
    outcome: Literal["open", "succeeded", "failed"]
    """open: running, or killed."""
    failure: Lines | None = None
    """What went wrong, without the output of services."""
    rollback: bool = False
    """Whether it went back to something older."""
    images: Annotated[Mapping[Name, ImageEntry], Field(max_length=20000)] = Field(
        default_factory=dict
    )
    """Every image of the stack, by name."""
    services: Annotated[Mapping[Name, ServiceEntry], Field(max_length=5000)] = Field(
        default_factory=dict
    )
    """Every service of the stack, by name; in a failed record those that were reached."""
    bundle: BundleEntry | None = None
    """The deploy bundle, if there is one."""
    previous: RecordId | None = None
    """The record that was current when this update began."""


class Hold(Document):
    """A stop for newer updates, set by a rollback and lifted by `slipway resume`."""

    who: Line
    """Who set it."""
    why: Line
    """Why, in their words."""
    since: Moment
    """When, UTC."""
    version: Version | None = None
    """The version that is held, if the stack has versions."""


class Pointer(Document):
    """`records/<stack>/current.json`: which record is the current one.

    It moves by a conditional write, after everything else.
    """

    schema_version: Literal[1] = SCHEMA_VERSION
    """Version of this schema."""
    stack: Stack
    """The Pulumi stack."""
    record: RecordId
    """The current record."""
    version: Version | None = None
    """Its version."""
    moved: Moment
    """When the pointer moved to it, UTC."""
    hold: Hold | None = None
    """The hold, while there is one."""


class NameClaim(Document):
    """`names/<host>/<repository>/<name>`: which digest owns a release name, for good."""

    schema_version: Literal[1] = SCHEMA_VERSION
    """Version of this schema."""
    repository: Repository
    """Where the name is given: host[:port]/path."""
    name: Tag
    """The name."""
    digest: Digest
    """What it names."""
