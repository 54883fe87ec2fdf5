"""What a release is made of, found out before anything is done: all images of it, or none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from clients.record_store import RecordStore
from infra.access import access_of
from infra.look import Look
from infra.origins import origins_of
from infra.settings import Settings
from infra.tested import untested
from release.record import Record


@dataclass(frozen=True, kw_only=True)
class Promotion:
    """Where the images of this update come from, when it does not build them itself."""

    record: Record | None = None
    """The record that `source` names."""
    origins: Mapping[str, str]
    """host/path of the repository of each image in the stack that built it."""
    missing: tuple[str, ...] = ()
    """Images that cannot be released: neither the release nor its content is there."""
    untested: str | None = None
    """Why what is to be released counts as untested, where the stack wants it tested."""
    content: Record | None = None
    """The record that tells what the content was made of, when it is not this commit's own: the
    source's, or that of an earlier update with this version."""


def find_record(settings: Settings) -> Record | None:
    """The record that `source` names; None without `source`.

    A stack that promotes looks among its origin's records, every other one among its own.
    Raises `ValueError` if there is none, or if its update did not succeed.
    """
    word = settings.source
    if word is None:
        return None
    promotes = settings.release.images == "promote"
    origin = settings.release.origin
    stack = origin.stack if promotes else settings.stack
    bucket = (origin.bucket if promotes else None) or settings.bundles.bucket
    records = RecordStore(access_of(settings), bucket)
    found = records.find(stack, word)
    if found is None:
        known = [each for each in records.newest(stack, 10) if each.outcome == "succeeded"]
        names = ", ".join((*each.names, each.id)[0] for each in known[:5])
        raise ValueError(
            f"{settings.project}:source: no record of the stack {stack!r} in {bucket} is or holds "
            f"{word!r}; the newest are {names or 'none'}. `slipway history {stack}` lists them"
        )
    if found.outcome != "succeeded":
        raise ValueError(
            f"{settings.project}:source: {word!r} is the record {found.id} of {stack!r}, whose "
            f"update did not succeed ({found.outcome}); only what was deployed is promoted"
        )
    return found


def promotion_of(settings: Settings, seen: Look) -> Promotion:
    """Where each image comes from, and which are missing; asks registries only when promoting."""
    record = find_record(settings)
    if settings.release.images == "build":
        return Promotion(record=record, origins={}, missing=_not_in(record, seen), content=record)
    origins = origins_of(settings, seen.images)
    if seen.version is None:
        return Promotion(record=record, origins=origins, content=record)
    missing, why = tuple[str, ...](), None
    if settings.release.images == "promote":
        from infra.missing import ask_registries  # late: a stack that builds asks no registry here

        asked = ask_registries(settings, seen, origins, record)
        missing = asked.missing
        if record is None and settings.release.source == "tested" and asked.new:
            why = untested(settings, asked.new)
    stored = RecordStore(access_of(settings), settings.bundles.bucket)
    return Promotion(
        record=record,
        origins=origins,
        missing=missing,
        untested=why,
        content=record or stored.find(settings.stack, seen.version),
    )


def version_deployed(settings: Settings, seen: Look, promotion: Promotion) -> str | None:
    """The version that runs after this update: a stack that builds gets back to its record's."""
    record = promotion.record
    return record.version if record and settings.release.images != "promote" else seen.version


def refusal(settings: Settings, promotion: Promotion, version: str | None) -> str | None:
    """What is to be said when images are missing or untested: one message with all of them."""
    if not promotion.missing:
        return promotion.untested and f"{promotion.untested} Nothing was done"
    listed = "\n".join(f"  {image}" for image in promotion.missing)
    stack = settings.release.origin.stack
    record = promotion.record
    if record is not None:
        return (
            f"The record {record.id} does not have every image of this repository:\n{listed}\n"
            f"Nothing was done. Take another source, or check out {record.commit[:7]}"
        )
    if settings.release.source == "required":
        return (
            f"{settings.project}:source is missing: {version} is a new release, and the stack "
            f"{settings.stack!r} is told what to release, it never guesses. Say which snapshot: "
            f"pulumi up --stack {settings.stack} -c version={version} -c source=<snapshot>; "
            f"`slipway history {stack}` lists them. Nothing was done"
        )
    return (
        f"{version} does not exist yet, and the stack {stack!r} has not built this commit's "
        f"content of:\n{listed}\nNothing was done. Run `pulumi up --stack {stack}` at this commit, "
        "then this again"
    )


def _not_in(record: Record | None, seen: Look) -> tuple[str, ...]:
    return (
        () if record is None else tuple(each for each in seen.images if each not in record.images)
    )
