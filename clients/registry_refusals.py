"""What registries say when they refuse, in one sentence for a person."""

from __future__ import annotations

import requests

from clients import ClientError
from release.json_document import json_of

_CAUSES = (
    *("Connection refused", "Connection reset", "timed out", "CERTIFICATE_VERIFY_FAILED"),
    *("Name or service not known", "No route to host", "Network is unreachable"),
    "Temporary failure in name resolution",
)


class RegistryError(ClientError):
    """A registry refused or could not be reached; `code` is the registry's error code or empty."""

    def __init__(self, message: str, code: str = "", status: int = 0) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


def refusal(host: str, method: str, repository: str, answer: requests.Response) -> RegistryError:
    """The error for an answer of 400 or more."""
    where = f"{host}/{repository}"
    code, said = _said(answer)
    if answer.status_code == 401:
        text = (
            f"registry {host} refused the login for {repository}: credentials are "
            f"missing or expired ({said}); log in again (`docker login {host}`, or "
            "new AWS credentials for ECR)"
        )
    elif answer.status_code == 403:
        text = f"{where}: this login may not {_verb(method)} there ({said})"
    elif answer.status_code == 429:
        text = f"{where}: the registry asks to slow down and still does after 4 tries ({said})"
    else:
        text = f"{where}: the registry answered {answer.status_code} to {method} ({said})"
    return RegistryError(text, code, answer.status_code)


def unreachable(host: str, error: Exception) -> RegistryError:
    """The error for a request that got no answer."""
    return RegistryError(
        f"registry {host} does not answer: {cause(error)}; is it running, and is the name right?"
    )


def no_repository(repository: str) -> RegistryError:
    """The error for a write to a repository that nobody made."""
    return RegistryError(
        f"{repository}: the registry has no such repository; create it, or set "
        "`create: true` under slipway:registry in the stack file",
        "NAME_UNKNOWN",
        404,
    )


def cause(error: Exception) -> str:
    """The part of a network error's text that a person knows, else the error's name."""
    text = str(error)
    for known in _CAUSES:
        if known in text:
            return known
    return type(error).__name__


def _verb(method: str) -> str:
    return "read" if method in ("GET", "HEAD") else "write"


def _said(answer: requests.Response) -> tuple[str, str]:
    try:
        first = json_of(answer.content)["errors"][0]
        code = str(first["code"])[:100]
        return code, f"{code}: {first.get('message', '')}".strip(": ")[:1000]
    except (ValueError, KeyError, IndexError, TypeError, AttributeError):
        text = answer.content[:800].decode(errors="replace").strip()
        return "", text[:200] or answer.reason or "no reason given"
