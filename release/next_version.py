"""The registry as the source of versions: which one an image has, or gets."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from release.bump import Bump, bump_of
from release.names import is_movable, parse_name
from release.versions import bumped, is_plain, latest_plain


@dataclass(frozen=True, kw_only=True)
class NextVersion:
    """The version that an image is to have."""

    version: str
    """A plain version, X.Y.Z."""
    latest: str | None
    """The newest that was found; None if there was none."""
    bump: Bump | None
    """How far it moved; None if it is not new, or the very first."""
    new: bool
    """Whether it has yet to be given."""


def versions_in(templates: Iterable[str], tags: Iterable[str]) -> list[str]:
    """The plain versions that tags of a repository tell, read back by the name templates.

    Tags of other makes (`latest`, `src-…`, a suffixed version) tell none.
    """
    known = tuple(tags)
    found: set[str] = set()
    for template in templates:
        for tag in known:
            if not is_movable(tag):
                fields = parse_name(template, tag) or {}
                version = fields.get("version", "")
                if is_plain(version):
                    found.add(version)
    return sorted(found)


def commit_in(templates: Iterable[str], tags: Iterable[str], version: str) -> str | None:
    """The commit id (40 or 7 digits) that a tag with this version also tells, if one does."""
    known = tuple(tags)
    for template in templates:
        for tag in known:
            fields = parse_name(template, tag) or {}
            commit = fields.get("sha") or fields.get("short_sha")
            if commit and fields.get("version") == version:
                return commit
    return None


def next_version(
    given: Iterable[str],
    *,
    held: Iterable[str] = (),
    wish: Bump | None = None,
    messages: Callable[[], Iterable[str]],
    anew: bool = False,
) -> NextVersion:
    """The version of an image's content, from the versions `given` in its repository so far.

    Content that holds one already (`held`) keeps the newest of them, however often this is asked,
    unless it is to get a new one (`anew`: released by hand). Otherwise the latest moves by `wish`,
    or by what the commit messages since then say; they are fetched only where they decide.
    The first is 0.1.0. After a lost race, ask again with the other's version among `given`.
    """
    latest = latest_plain(given)
    kept = latest_plain(held)
    if kept is not None and not anew:
        return NextVersion(version=kept, latest=latest, bump=None, new=False)
    if latest is None:
        return NextVersion(version=bumped(None, "patch"), latest=None, bump=None, new=True)
    bump = wish or bump_of(messages())
    return NextVersion(version=bumped(latest, bump), latest=latest, bump=bump, new=True)
