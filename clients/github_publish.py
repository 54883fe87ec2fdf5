"""One release with its annotated tag: what is there and agrees is left alone, the rest is made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from clients.github import GitHub, Release, Tag
from clients.github_error import GitHubError, LostAnswerError
from clients.github_names import check_commit, check_tag

_ATTEMPTS = 4
# Somebody was first, or one of GitHub's machines does not know yet what another has written.
_LOOK_AGAIN = ("already_exists", "reference already exists", "object does not exist")
Thing = TypeVar("Thing")


class TagTakenError(GitHubError):
    """The tag is on another commit."""


@dataclass(frozen=True, kw_only=True)
class ReleaseWish:
    """A release that is to be on GitHub."""

    tag: str
    """Its tag, such as v1.2.0."""
    commit: str
    """Whole id of the commit the tag belongs on."""
    name: str
    """Its title."""
    notes: str
    """Its text in Markdown."""
    prerelease: bool = False
    """Whether GitHub shows it as not ready for production."""
    record: str = ""
    """Id of the release's record, for the tag's message."""

    @property
    def message(self) -> str:
        """The message of the annotated tag."""
        return f"{self.name}\n\nRecord: {self.record}\n" if self.record else f"{self.name}\n"


@dataclass(frozen=True, kw_only=True)
class Published:
    """A release that is on GitHub."""

    url: str
    """Its page."""
    tag_sha: str
    """What the tag's reference holds: the id of its tag object."""
    created: bool
    """Whether the release was made by this call."""
    remarks: tuple[str, ...] = ()
    """What a person should know: parts that were there and are not as they would be made."""


@dataclass(frozen=True, kw_only=True)
class Present:
    """What GitHub has of a wish already."""

    tag: Tag | None
    """Its tag, on the right commit."""
    release: Release | None
    """Its release, published or draft."""

    def remarks(self, wish: ReleaseWish) -> tuple[str, ...]:
        """What is not as it would be made, and stays as it is."""
        said = []
        if self.tag is not None and not self.tag.is_annotated:
            said.append(f"tag {wish.tag} was there already, without a message; it stays as it is")
        if self.release is not None and self.release.is_draft:
            said.append(
                f"release {wish.tag} is somebody's draft and stays one; publish it by hand: "
                f"{self.release.url}"
            )
        elif self.release is not None and _text(self.release.notes) != _text(wish.notes):
            said.append(f"release {wish.tag} has another text, which stays: {self.release.url}")
        return tuple(said)


def look(github: GitHub, wish: ReleaseWish) -> Present:
    """What is there already; nothing is changed.

    Raises ValueError for a bad tag or commit, TagTakenError for a tag on another commit,
    GitHubError for a commit that GitHub does not have, and ClientError when it can't be told.
    """
    check_tag(wish.tag)
    check_commit(wish.commit)
    github.check_access()
    tag = _agreeing_tag(github, wish)
    if tag is None and not github.has_commit(wish.commit):
        raise GitHubError(
            f"{github.repository} on GitHub does not have commit {wish.commit}, which release "
            f"{wish.tag} was made from; `git push` it, then run the same command again"
        )
    return Present(tag=tag, release=github.find_release(wish.tag))


def publish(github: GitHub, wish: ReleaseWish) -> Published:
    """Makes what is missing: the annotated tag first, so that the release finds it.

    Can be repeated after a failure at any point. Raises as `look` does.
    """
    present = look(github, wish)
    objects: list[str] = []  # made once, also when adding the reference takes several attempts

    def make_tag() -> Tag:
        if not objects:
            objects.append(github.make_tag_object(wish.tag, wish.commit, wish.message))
        github.make_tag_reference(wish.tag, objects[0])
        return Tag(sha=objects[0], commit=wish.commit, is_annotated=True)

    def make_release() -> Release:
        return github.make_release(wish.tag, wish.name, wish.notes, wish.prerelease)

    tag = present.tag or _made(github, make_tag, lambda: _agreeing_tag(github, wish))[0]
    if present.release is not None:
        release, created = present.release, False
    else:
        release, created = _made(github, make_release, lambda: github.find_release(wish.tag))
    remarks = Present(tag=tag, release=release).remarks(wish)
    return Published(url=release.url, tag_sha=tag.sha, created=created, remarks=remarks)


def _made(
    github: GitHub, make: Callable[[], Thing], find: Callable[[], Thing | None]
) -> tuple[Thing, bool]:
    """The thing, and whether this call made it: where that is unknown it looks, then repeats."""
    may_be_ours = False
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            return make(), True
        except GitHubError as error:
            is_lost = isinstance(error, LostAnswerError)
            if not is_lost and error.code not in _LOOK_AGAIN:
                raise
            may_be_ours |= is_lost
            found = find()
            if found is not None:
                return found, may_be_ours
            if attempt == _ATTEMPTS:
                raise
        github.wait(0.25 * 2**attempt)
    raise AssertionError("the last attempt returns or raises")


def _agreeing_tag(github: GitHub, wish: ReleaseWish) -> Tag | None:
    tag = github.find_tag(wish.tag)
    if tag is not None and tag.commit != wish.commit:
        raise TagTakenError(
            f"tag {wish.tag} of {github.repository} is on commit {tag.commit}, but the release was "
            f"made from {wish.commit}; a release's name never moves: take another version, or "
            "delete that tag on GitHub if it is a mistake"
        )
    return tag


def _text(notes: str) -> str:
    # GitHub may give line ends back in another form.
    return notes.replace("\r\n", "\n").strip()
