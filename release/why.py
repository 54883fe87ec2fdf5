"""Why an image is built, redeployed, skipped or refused: every cause in its own words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from release.plan import PlannedImage
from release.why_inputs import Cause, FileChange, causes_of_inputs, files_of

Verdict = Literal["built", "redeployed", "skipped", "refused"]


@dataclass(frozen=True, kw_only=True)
class Before:
    """What the last record has of an image."""

    repository: str
    """Where it was kept: host/path."""
    digest: str
    """What was deployed."""
    key: str | None
    """Its content key; None where a release was made without one."""
    inputs: Mapping[str, str]
    """Its ingredients, as `release.content_key.ingredients` gives them."""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is known of one image, besides its plan."""

    repository: str
    """Where this stack keeps it: host/path."""
    made: str | None
    """The digest that the registry has of this content, or None."""
    released: str | None = None
    """The digest that its release name has already, or None."""
    images: Literal["build", "rebuild", "promote"] = "build"
    """The strategy of the stack."""
    before: Before | None = None
    """What the last record has; None if there is no record, or it does not have this image."""
    recorded: bool = False
    """Whether the stack has a record at all."""
    inputs: Mapping[str, str]
    """The ingredients now."""
    files: Mapping[str, tuple[FileChange, ...] | None]
    """By ingredient, its files that differ from the last record; None if git can't say."""
    bases: tuple[str, ...] = ()
    """Base images of its Dockerfile that are named by a tag and not by a digest."""
    since: str | None = None
    """When the content in the registry was first recorded (RFC 3339), if a record says it."""


@dataclass(frozen=True, kw_only=True)
class Why:
    """The answer for one image."""

    image: str
    verdict: Verdict
    causes: tuple[Cause, ...]
    """What decided, in order."""
    notes: tuple[Cause, ...] = ()
    """What a person should know besides."""


def why(planned: PlannedImage, facts: Facts) -> Why:
    """What the next update does with an image, and why."""
    verdict, causes = _decide(planned, facts)
    return Why(
        image=planned.source.name,
        verdict=verdict,
        causes=(*causes, *_uncommitted(planned)),
        notes=tuple(_bases(facts)),
    )


def _decide(planned: PlannedImage, facts: Facts) -> tuple[Verdict, list[Cause]]:
    if facts.images != "build" and planned.release_names:
        return _release(planned, facts)
    if facts.images == "rebuild":
        text = "every release is built once; no version is given, so none is named here"
        return "built", [Cause("no version", text)]
    if facts.images == "promote" and facts.made is None:
        return "refused", [_not_made(planned, facts)]
    if facts.made is None:
        return "built", _why_built(planned, facts)
    return _made(facts, facts.made)


def _release(planned: PlannedImage, facts: Facts) -> tuple[Verdict, list[Cause]]:
    name = planned.release_names[0]
    if facts.released is not None:
        if facts.before is not None and facts.before.digest == facts.released:
            return "skipped", [Cause("unchanged", f"{name} runs already: {_short(facts.released)}")]
        text = f"{name} exists in {facts.repository}: {_short(facts.released)} as it was released"
        return "redeployed", [Cause("release exists", text)]
    if facts.images == "rebuild":
        text = f"{facts.repository} has no {name}: every release is built once"
        return "built", [Cause("release is new", text)]
    if facts.made is None:
        return "refused", [_not_made(planned, facts)]
    text = f"{_short(facts.made)} has this content and becomes {name}; nothing is built"
    return "redeployed", [Cause("promoted", text)]


def _not_made(planned: PlannedImage, facts: Facts) -> Cause:
    return Cause(
        "not made",
        f"no image of this content (src-{planned.key[:12]}…) is there to promote, and this stack "
        "builds nothing; run `pulumi up` of the stack that builds, at this commit",
    )


def _made(facts: Facts, digest: str) -> tuple[Verdict, list[Cause]]:
    if facts.before is None and facts.recorded:
        text = f"the last record does not have it; the registry has its content: {_short(digest)}"
        return "redeployed", [Cause("not recorded", text)]
    if facts.before is None:
        text = f"{facts.repository} has its content: {_short(digest)}; no record to compare with"
        return "skipped", [Cause("unchanged", text)]
    if facts.before.repository != facts.repository:
        return "redeployed", [_moved(facts, facts.before)]
    if facts.before.digest != digest:
        found = causes_of_inputs(facts.before.inputs, facts.inputs, facts.files)
        text = f"the registry has this content already: {_short(digest)}; nothing is built"
        return "redeployed", [*found, Cause("content is back", text)]
    text = f"nothing changed since the last record, and the registry has it: {_short(digest)}"
    return "skipped", [Cause("unchanged", text)]


def _why_built(planned: PlannedImage, facts: Facts) -> list[Cause]:
    before = facts.before
    if before is None:
        return _without_record(planned, facts)
    if before.repository != facts.repository:
        return [_moved(facts, before)]
    if before.key == planned.key:
        text = f"src-{planned.key[:12]}… has vanished from {facts.repository}; it is made again"
        return [Cause("vanished", text)]
    if not before.inputs:
        return [_without_inputs(planned)]
    found = causes_of_inputs(before.inputs, facts.inputs, facts.files)
    return found or [Cause("content", "its content key changed since the last record")]


def _without_inputs(planned: PlannedImage) -> Cause:
    text = "its content changed since the last record, which does not say of what it was made"
    if planned.changed:
        return Cause("file", f"{text}; against main: {files_of(planned.changed)}")
    return Cause("content", text)


def _without_record(planned: PlannedImage, facts: Facts) -> list[Cause]:
    if facts.recorded:
        return [Cause("new image", f"the last record has no image {planned.source.name}")]
    if planned.changed:
        text = f"{files_of(planned.changed)} changed against main; no record to compare with"
        return [Cause("file", text)]
    return [Cause("new image", f"{facts.repository} has no src-{planned.key[:12]}…")]


def _moved(facts: Facts, before: Before) -> Cause:
    text = f"its repository is {facts.repository} now, and was {before.repository}"
    return Cause("repository", text)


def _uncommitted(planned: PlannedImage) -> Iterable[Cause]:
    if planned.dirty:
        text = f"not committed: {files_of(planned.dirty)}; a protected stack refuses it"
        yield Cause("uncommitted", text)


def _bases(facts: Facts) -> Iterable[Cause]:
    for base in facts.bases:
        age = f"; what this image holds is of {facts.since[:10]} or before" if facts.since else ""
        yield Cause(
            "tag base",
            f"FROM {base} is a tag, not a digest: a newer base is no change of the content{age}; "
            "pin it with @sha256:…, or build without the cache to refresh it",
        )


def _short(digest: str) -> str:
    return f"{digest[:19]}…"
