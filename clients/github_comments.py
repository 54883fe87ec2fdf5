"""The one comment of ours on a pull request, written once and edited in place from then on.

https://docs.github.com/rest/issues/comments
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from clients.github_answers import Comment, Comments, User
from clients.github_error import GitHubError, LostAnswerError
from clients.github_http import GitHubHttp
from clients.github_names import check_repository

_PAGE = 100
_PAGES = 50  # 5,000 comments are looked through


class PullRequest:
    """One pull request of one repository."""

    def __init__(
        self,
        api: str,
        repository: str,
        number: int,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        """Raises ValueError for what is no repository or number."""
        if number < 1:
            raise ValueError(f"{number} is no pull request; allowed: its number, 1 or more")
        self._at = f"/repos/{check_repository(repository)}"
        self._name = f"{repository}#{number}"
        self._number = number
        self._http = GitHubHttp(api, wait)

    def say(self, marker: str, text: str) -> str:
        """Write `text`, which starts with `marker`, into the comment that starts so, else into a
        new one; its address. An equal text is not written again.

        Raises GitHubError with what is missing.
        """
        try:
            return self._say(marker, text)
        except GitHubError as error:
            if error.status not in (403, 404):
                raise
            raise GitHubError(
                f"commenting on {self._name}: the token may not, or there is no such pull request "
                f"({error.status}); the job needs `permissions: {{pull-requests: write}}`, and a "
                "pull request from a fork never has it",
                error.status,
            ) from None

    def _say(self, marker: str, text: str) -> str:
        found = self._find(marker)
        if found is None:
            try:
                return self._made(text)
            except LostAnswerError:
                found = self._find(marker)
                if found is None:
                    raise
        if (found.body or "").replace("\r\n", "\n").strip() != text.strip():
            path = f"{self._at}/issues/comments/{found.id}"
            about = f"editing the comment on {self._name}"
            found = self._http.patch(path, about, {"body": text}, Comment)
        return found.html_url

    def _made(self, text: str) -> str:
        path = f"{self._at}/issues/{self._number}/comments"
        about = f"commenting on {self._name}"
        return self._http.post(path, about, {"body": text}, Comment).html_url

    def _find(self, marker: str) -> Comment | None:
        """Our comment: people may write the marker too, so the author has to be us."""
        ours = self._is_ours()
        for each in self._comments():
            if (each.body or "").startswith(marker) and ours(each.user or User()):
                return each
        return None

    def _is_ours(self) -> Callable[[User], bool]:
        if self._http.token.is_installation:
            return lambda user: user.type == "Bot"
        me = self._http.get("/user", "asking GitHub whose token this is", User) or User()
        return lambda user: bool(me.login) and user.login == me.login

    def _comments(self) -> Iterator[Comment]:
        for page in range(1, _PAGES + 1):
            query = f"per_page={_PAGE}&page={page}"
            path = f"{self._at}/issues/{self._number}/comments?{query}"
            listed = self._http.get(path, f"reading the comments on {self._name}", Comments)
            if listed is None:
                raise GitHubError(f"there is no pull request {self._name}", 404)
            yield from listed
            if len(listed) < _PAGE:
                return
