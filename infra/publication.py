"""What follows a release that succeeded: its page on GitHub, and a tidy machine."""

from __future__ import annotations

import os

import pulumi

from clients.git import GitError, checkout
from clients.git_history import log_between
from clients.github_names import compare_url
from clients.record_store import RecordStore
from clients.release_notes import title_of
from infra.access import access_of
from infra.images import Images
from infra.look import PROJECT, Look
from infra.promotion import Promotion
from infra.records import release_names
from infra.settings import Settings
from provider.sdk import Cleanup, CleanupArgs, GitHubRelease, GitHubReleaseArgs, Record
from release.notes import Change, release_notes
from release.record import Record as Kept


def publish_release(
    settings: Settings, seen: Look, promotion: Promotion, images: Images, record: Record
) -> None:
    """Registers the GitHub Release of this version, after its record is closed."""
    if settings.github is None or settings.version is None:
        return
    before = _before(settings)
    commit = promotion.content.commit if promotion.content else seen.tree.commit
    changes = _changes(before, commit)
    names = release_names(seen)
    title = names[0] if len(names) == 1 else settings.version
    digests = {name: image.digest for name, image in images.made.items()}

    def notes(now: dict[str, str]) -> str:
        was = before.images if before else {}
        pairs = {name: (was[name].digest if name in was else None, now[name]) for name in now}
        link = _compare(settings, before, commit)
        return release_notes(title, changes, pairs, title_of(before) if before else None, link)

    GitHubRelease(
        "github-release",
        GitHubReleaseArgs(
            repository=settings.github.repository,
            api=settings.github.address(os.environ),
            tag=title,
            commit=commit,
            name=title,
            notes=pulumi.Output.all(**digests).apply(notes),
            record=record.record,
        ),
        pulumi.ResourceOptions(provider=images.actor),
    )


def clean_up(settings: Settings, seen: Look, images: Images, record: Record) -> None:
    """Registers the clean-up of a release; stacks that make none keep their images."""
    if settings.release.images == "build":
        return
    own = [repository.uri for repository in images.repositories.values()]
    wanted = settings.release.cleanup if settings.cleanup is None else settings.cleanup
    Cleanup(
        "cleanup",
        CleanupArgs(
            record=record.record,
            repositories=own,
            dev_repositories=list(images.origins.values()) or own,
            names=release_names(seen),
            cache_gb=settings.release.cache_gb,
            builder=settings.build.builder,
            enabled=wanted,
        ),
        pulumi.ResourceOptions(provider=images.actor),
    )


def _before(settings: Settings) -> Kept | None:
    """The record that this release is compared with: the one before it in the same stack."""
    records = RecordStore(access_of(settings), settings.bundles.bucket)
    found = records.pointer(settings.stack)
    if found is None:
        return None
    current = records.read(settings.stack, found[0].record)
    if current.version != settings.version:
        return current
    return records.read(settings.stack, current.previous) if current.previous else None


def _changes(before: Kept | None, commit: str) -> list[Change] | None:
    """The commits that reach the stack by this release; None, with a warning, if git can't say."""
    if before is None:
        return []
    try:
        commits = log_between(checkout(PROJECT), before.commit, commit)
    except GitError as error:
        pulumi.log.warn(f"the release notes list no commits: {error}")
        return None
    return [Change(id=c.id, subject=c.subject, author=c.author, date=c.date) for c in commits]


def _compare(settings: Settings, before: Kept | None, commit: str) -> str | None:
    if settings.github is None or before is None or before.commit == commit:
        return None
    return compare_url(
        settings.github.address(os.environ), settings.github.repository, before.commit, commit
    )
