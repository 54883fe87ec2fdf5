"""The notes of one release, from two records and the history between their commits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from clients.git import Checkout
from clients.git_history import log_between
from clients.github_names import compare_url
from release.notes import Change, release_notes
from release.record import Record


@dataclass(frozen=True, kw_only=True)
class Page:
    """Where the repository is on GitHub."""

    api: str
    """The API's address, such as https://api.github.com."""
    repository: str
    """owner/name."""


@dataclass(frozen=True, kw_only=True)
class Notes:
    """What a release brought."""

    changes: tuple[Change, ...]
    """The commits that it has and the one before has not, newest first; none for a first one."""
    images: Mapping[str, tuple[str | None, str]]
    """Of each image the digest before (None if it is new) and now."""
    text: str
    """All of it as Markdown."""


def title_of(record: Record) -> str:
    """What people call a release: its version, else its first name, else its id."""
    return record.version or next(iter(record.names), record.id)


def notes_since(
    at: Checkout,
    before: Record | None,
    version: str,
    commit: str,
    digests: Mapping[str, str],
    page: Page | None,
) -> Notes:
    """The notes of `version`, made from `commit` with `digests` by image, after `before`.

    Raises GitError (HistoryError) when a commit or the history between the two is not at hand.
    """
    changes: tuple[Change, ...] = ()
    link = None
    if before is not None:
        between = log_between(at, before.commit, commit)
        changes = tuple(
            Change(id=each.id, subject=each.subject, author=each.author, date=each.date)
            for each in between
        )
        if page is not None and before.commit != commit:
            link = compare_url(page.api, page.repository, before.commit, commit)
    old = {name: entry.digest for name, entry in before.images.items()} if before else {}
    images = {name: (old.get(name), digest) for name, digest in digests.items()}
    previous = title_of(before) if before else None
    text = release_notes(version, changes, images, previous, link)
    return Notes(changes=changes, images=images, text=text)
