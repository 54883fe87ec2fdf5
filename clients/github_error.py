"""What GitHub refuses, in one sentence with what to do next. The token is in none of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import requests

from clients import ClientError
from clients.github_token import Token
from release.json_document import json_of
from release.notes import one_line

_LONGEST = 300  # characters of GitHub's own words


class GitHubError(ClientError):
    """GitHub refused or could not be reached.

    `status` is the HTTP status or 0; `code` is GitHub's error code (already_exists), else its
    message in lower case, else empty.
    """

    def __init__(self, message: str, status: int = 0, code: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class LostAnswerError(GitHubError):
    """No answer came to a request that may have acted: look before it is sent again."""


def said_by(answer: requests.Response) -> tuple[str, str]:
    """GitHub's words on one line, and its error code: of `errors` the first, else the message."""
    try:
        body = json_of(answer.content)
        message = str(body["message"])
    except (ValueError, KeyError, TypeError):
        text = answer.content[:2000].decode(errors="replace")
        return one_line(text, _LONGEST) or answer.reason or "no reason given", ""
    errors = body.get("errors")
    errors = errors if isinstance(errors, list) else []
    details = [_detail(each) for each in errors]
    codes = [str(each.get("code", "")) for each in errors if isinstance(each, Mapping)]
    code = "already_exists" if "already_exists" in codes else next(iter(codes), message.lower())
    return one_line("; ".join([message, *details]), _LONGEST), code


def _detail(error: Any) -> str:
    if not isinstance(error, Mapping):
        return str(error)
    said = error.get("message") or error.get("code") or ""
    return f"{error.get('field', '')} {said}".strip()


def explain(about: str, answer: requests.Response, token: Token) -> str:
    """The sentence for an answer that is no success; `about` is what was being done and where."""
    said, status = said_by(answer)[0], answer.status_code
    if 300 <= status < 400:
        return (
            f"{about}: the repository has moved or was renamed ({status}); put its present name "
            "into slipway:github in the stack file"
        )
    if status == 401:
        return (
            f"{about}: GitHub refused the token from {token.source} ({said}); it has expired or "
            "is mistyped: make a new one"
        )
    if status == 403:
        return (
            f"{about}: the token from {token.source} may not do that ({said}){_asked(answer)}; it "
            "needs contents: write (in a workflow: `permissions: {contents: write}`), and for a "
            "commit whose workflow files differ from those of every branch the permission "
            "workflows, which no workflow's own token can have: use a GitHub App's or your own"
        )
    if status == 404:
        return (
            f"{about}: GitHub answered 404: the repository is not there, or the token from "
            f"{token.source} may not write to it; GitHub does not say which"
        )
    if status == 422:
        return f"{about}: GitHub refused it ({said})"
    if status >= 500:
        return f"{about}: GitHub answered {status} ({said}); try again, and see githubstatus.com"
    return f"{about}: GitHub answered {status} ({said})"


def _asked(answer: requests.Response) -> str:
    asked = answer.headers.get("X-Accepted-GitHub-Permissions")
    return f"; GitHub asks for {one_line(asked, 100)}" if asked else ""
