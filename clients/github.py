"""Releases on GitHub, published so that any step may be repeated.

The routes: https://docs.github.com/rest/git/tags, https://docs.github.com/rest/git/refs,
https://docs.github.com/rest/releases/releases
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

from clients.github_answers import (
    Anything,
    MadeTag,
    Reference,
    ReleaseAnswer,
    Releases,
    Repository,
    TagObject,
)
from clients.github_error import GitHubError
from clients.github_http import GitHubHttp
from clients.github_names import check_repository

_PAGE = 100
_PAGES = 10  # as many pages of releases are searched for a draft
_NESTED = 5  # a tag may name another tag


@dataclass(frozen=True, kw_only=True)
class Tag:
    """A tag as GitHub has it."""

    sha: str
    """What the reference holds: id of the tag object, or of the commit for a plain tag."""
    commit: str
    """The commit it leads to."""
    is_annotated: bool
    """Whether there is a tag object with a message."""


@dataclass(frozen=True, kw_only=True)
class Release:
    """A release as GitHub has it."""

    url: str
    """Its page."""
    notes: str
    """Its text."""
    is_draft: bool
    """Whether only people who may write see it."""


class GitHub:
    """One repository on GitHub. Not for use in several threads at once."""

    def __init__(
        self, api: str, repository: str, wait: Callable[[float], None] = time.sleep
    ) -> None:
        """`wait` gets seconds and may raise to give up. Raises ValueError for bad names."""
        self.repository = check_repository(repository)
        self._http = GitHubHttp(api, wait)
        self._at = f"/repos/{repository}"
        self.wait = wait

    def check_there(self) -> Repository:
        """What GitHub says of the repository. Raises ClientError unless the token sees it.

        Without this a repository that is hidden looks like one without tags: both answer 404.
        """
        found = self._http.get(self._at, f"looking at {self.repository}", Repository)
        if found is None:
            token = self._http.token
            raise GitHubError(
                f"GitHub has no repository {self.repository}, or the token from {token.source} "
                "does not see it; mend slipway:github in the stack file, or give the token access "
                "to it",
                404,
            )
        return found

    def check_access(self) -> None:
        """Raises ClientError unless the repository is there and the token may write to it."""
        found, token = self.check_there(), self._http.token
        if found.archived:
            raise GitHubError(f"{self.repository} is archived on GitHub, so nothing can be added")
        # What an App may do is not told here; GitHub says it when the App tries.
        may_push = (found.permissions or {}).get("push", True)
        if not may_push and not token.is_installation:
            raise GitHubError(
                f"the token from {token.source} may only read {self.repository}; a release needs "
                "contents: write",
                403,
            )

    def has_commit(self, commit: str) -> bool:
        """Whether GitHub has that commit."""
        about = f"looking for commit {commit} in {self.repository}"
        return self._http.get(f"{self._at}/git/commits/{commit}", about, Anything) is not None

    def find_tag(self, tag: str) -> Tag | None:
        """The tag of exactly that name, or None."""
        about = f"looking for tag {tag} in {self.repository}"
        path = f"{self._at}/git/ref/tags/{quote(tag, safe='')}"
        found = self._http.get(path, about, Reference)
        if found is None or found.ref != f"refs/tags/{tag}":
            return None
        target, depth = found.object, 0
        while target.type == "tag" and depth < _NESTED:
            inner = self._http.get(f"{self._at}/git/tags/{target.sha}", about, TagObject)
            if inner is None:
                raise GitHubError(f"{about}: its tag object {target.sha} is not there")
            target, depth = inner.object, depth + 1
        return Tag(sha=found.object.sha, commit=target.sha, is_annotated=depth > 0)

    def make_tag_object(self, tag: str, commit: str, message: str) -> str:
        """The id of a new tag object, which nothing refers to yet."""
        body = {"tag": tag, "message": message, "object": commit, "type": "commit"}
        about = f"writing tag {tag} of {self.repository}"
        return self._http.post(f"{self._at}/git/tags", about, body, MadeTag).sha

    def make_tag_reference(self, tag: str, sha: str) -> None:
        """Lets `tag` name `sha`. Raises GitHubError 422 when the tag is there already."""
        body = {"ref": f"refs/tags/{tag}", "sha": sha}
        about = f"adding tag {tag} to {self.repository}"
        self._http.post(f"{self._at}/git/refs", about, body, Anything)

    def find_release(self, tag: str) -> Release | None:
        """The release of a tag, published or draft, or None."""
        about = f"looking for release {tag} of {self.repository}"
        path = f"{self._at}/releases/tags/{quote(tag, safe='')}"
        found = self._http.get(path, about, ReleaseAnswer)
        if found is not None:
            return _release(found)
        # The route above does not know drafts (https://github.com/hub4j/github-api/issues/1983).
        for page in range(1, _PAGES + 1):
            path = f"{self._at}/releases?per_page={_PAGE}&page={page}"
            listed = self._http.get(path, about, Releases) or []
            for each in listed:
                if each.tag_name == tag:
                    return _release(each)
            if len(listed) < _PAGE:
                break
        return None

    def make_release(self, tag: str, name: str, notes: str, prerelease: bool) -> Release:
        """Publishes a release of a tag that is there.

        Raises GitHubError with the code already_exists when it has one.
        """
        # No target_commitish: it is for tags that are not there yet, and with it a workflow's
        # token is refused (https://github.com/cli/cli/issues/9514).
        body = {
            "tag_name": tag,
            "name": name,
            "body": notes,
            "draft": False,
            "prerelease": prerelease,
        }
        about = f"publishing release {tag} of {self.repository}"
        return _release(self._http.post(f"{self._at}/releases", about, body, ReleaseAnswer))


def _release(found: ReleaseAnswer) -> Release:
    return Release(url=found.html_url, notes=found.body or "", is_draft=found.draft)
