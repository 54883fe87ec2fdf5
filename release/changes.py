"""What an update changes, service by service: told before it from the plan, after it from records.

Both have the same form: the inputs of the resource `Record` are the record that is to be.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from release.notes import one_line
from release.record_text import harmless

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""What Pulumi writes for a value that only the update will know."""

Kind = Literal["new", "changes", "gone", "untouched"]
Entries = Mapping[str, Mapping[str, Any]]
_NAMED = 5  # other resources in a terminal


@dataclass(frozen=True, kw_only=True)
class Row:
    """One service, or one image that no service runs."""

    name: str
    is_image: bool = False
    """Whether it is an image alone."""
    kind: Kind
    why: str
    """Why it changes; empty if it does not."""
    before: str | None
    """The digest until now; None for a new one."""
    after: str | None
    """The digest then; None for one that goes, or whose image is still to be built."""


@dataclass(frozen=True, kw_only=True)
class Changes:
    """What one update of one stack changes."""

    stack: str
    is_plan: bool
    """Whether it is foretold; else it has happened."""
    builds: int = 0
    """Images that are to be built (a plan), or have another digest now (a record)."""
    rows: tuple[Row, ...] = ()
    """Services, then images that none of them runs; by name."""
    others: tuple[str, ...] = ()
    """Other resources that change: what is done, type, name."""
    notes: tuple[str, ...] = ()
    """What a person should know besides."""
    failure: str = ""
    """Why there is no plan, or why the update failed."""

    def of_kind(self, *kinds: Kind) -> tuple[Row, ...]:
        """The rows of these kinds."""
        return tuple(each for each in self.rows if each.kind in kinds)

    @property
    def moving(self) -> tuple[Row, ...]:
        """The rows that are not untouched."""
        return self.of_kind("new", "changes", "gone")

    @property
    def headline(self) -> str:
        """All of it in one line: 0 images to build, 2 services change, 5 untouched."""
        if self.failure and self.is_plan:
            return "no preview"
        built = "to build" if self.is_plan else "new"
        images = f"{counted(self.builds, 'image')} {built}"
        services = [each for each in self.rows if not each.is_image]
        moving = [each for each in services if each.kind != "untouched"]
        verb = "changed" if not self.is_plan else "changes" if len(moving) == 1 else "change"
        untouched = f"{len(services) - len(moving)} untouched"
        return f"{images}, {counted(len(moving), 'service')} {verb}, {untouched}"


def counted(number: int, thing: str) -> str:
    """1 image, 2 images."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def rows_of(
    before: Mapping[str, Any], after: Mapping[str, Any], runs: Mapping[str, str]
) -> list[Row]:
    """The rows between two records (`images` and `services` by name); `runs`: the image of each
    service."""
    images = entries_of(before, "images"), entries_of(after, "images")
    services = entries_of(before, "services"), entries_of(after, "services")
    reasons = {
        name: str(each.get("reason", ""))
        for name, each in images[1].items()
        if _differs(images[0].get(name), each)
    }
    rows = [
        _row(name, services, reasons.get(runs.get(name, name), ""), is_image=False)
        for name in sorted(services[0].keys() | services[1].keys())
    ]
    run = {runs.get(name, name) for pair in services for name in pair}
    alone = sorted((images[0].keys() | images[1].keys()) - run)
    return [*rows, *(_row(name, images, reasons.get(name, ""), is_image=True) for name in alone)]


def built(images: Entries) -> int:
    """How many images a plan has to build: those whose digest nobody knows yet."""
    return sum(each.get("digest") == UNKNOWN for each in images.values())


def renewed(before: Entries, after: Entries) -> int:
    """How many images have another digest than before."""
    return sum(_digest(before.get(name)) != _digest(each) for name, each in after.items())


def _row(name: str, pair: tuple[Entries, Entries], reason: str, *, is_image: bool) -> Row:
    old, new = pair[0].get(name), pair[1].get(name)
    kind: Kind
    if new is None:
        kind, why = "gone", "it is not in the stack file any more"
    elif old is None:
        kind, why = "new", reason or str(new.get("reason", ""))
    elif _differs(old, new):
        kind, why = "changes", reason or str(new.get("reason", ""))
    else:
        kind, why = "untouched", ""
    return Row(
        name=name,
        is_image=is_image,
        kind=kind,
        why="" if why == UNKNOWN else why,
        before=_digest(old),
        after=_digest(new),
    )


def _differs(old: Mapping[str, Any] | None, new: Mapping[str, Any]) -> bool:
    return old is None or any(old.get(key) != new.get(key) for key in ("digest", "deployment"))


def _digest(entry: Mapping[str, Any] | None) -> str | None:
    digest = (entry or {}).get("digest")
    return None if digest in (None, "", UNKNOWN) else str(digest)


def entries_of(record: Mapping[str, Any], group: str) -> Entries:
    """The images or services of a record, by name; what is none is left out."""
    found = record.get(group)
    entries = found.items() if isinstance(found, Mapping) else ()
    return {name: each for name, each in entries if isinstance(each, Mapping)}


def short(digest: str | None) -> str:
    """The first digits of a digest, enough to compare by eye."""
    return digest[:19] if digest else ""


def lines_of(changes: Changes) -> Iterator[str]:
    """The same for a terminal, one line a row."""
    return map(harmless, _lines(changes))


def _lines(changes: Changes) -> Iterator[str]:
    yield f"{changes.stack}: {changes.headline}"
    width = max((len(each.name) for each in changes.moving), default=0)
    for row in changes.moving:
        digests = f"{short(row.before) or '-':<19} -> {becomes(row, changes):<19}"
        yield f"  {one_line(row.name, 100):<{width}}  {row.kind:<7}  {digests}  {row.why}".rstrip()
    if changes.others:
        named = ", ".join(changes.others[:_NAMED]) + (", …" if len(changes.others) > _NAMED else "")
        yield f"  besides: {named}"
    yield from (f"  note: {each}" for each in changes.notes)
    if changes.failure:
        yield f"  failed: {changes.failure}"


def becomes(row: Row, changes: Changes) -> str:
    """To which digest, as far as it is known."""
    unknown = "to be built" if changes.is_plan and row.kind != "gone" else "-"
    return short(row.after) or unknown
