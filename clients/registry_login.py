"""Logins at one registry host: the challenge of a 401 answered by a password or a token."""

from __future__ import annotations

import re
import threading
from base64 import b64encode
from collections.abc import Callable
from typing import Any

import requests

from clients.registry_answers import object_of
from clients.registry_auth import Credentials, Keychain
from clients.registry_names import base_url
from clients.registry_refusals import RegistryError, refusal

_PARAMETER = re.compile(r'(\w+)="([^"]*)"')
_TOKEN = re.compile(r"[\x21-\x7e]+")
_ALL = "*"  # a password, unlike a bearer token, is good for every repository of its host

Ask = Callable[..., requests.Response]


class Logins:
    """What was logged in with, by repository; in memory only."""

    def __init__(self, host: str, keychain: Keychain) -> None:
        self._host = host
        self._keychain = keychain
        self._known: dict[tuple[str, str], str] = {}
        self._lock = threading.Lock()

    def authorization(self, repository: str, reads: str = "") -> str | None:
        """The Authorization header for a repository (and one more that is read), if any yet."""
        return self._known.get((repository, reads)) or self._known.get((_ALL, ""))

    def answer(self, challenge: requests.Response, repository: str, reads: str, ask: Ask) -> None:
        """Log in as the 401 asks; `ask(method, url, **options)` sends. Raises RegistryError.

        Credentials that were refused are forgotten first. However many threads are asked to log
        in at once, one does it for all.
        """
        used = challenge.request.headers.get("Authorization")
        with self._lock:
            known = self.authorization(repository, reads)
            if known is not None and known != used:
                return
            if used is not None:
                self._keychain.forget(self._host)
            self._log_in(challenge, repository, reads, ask)

    def _log_in(self, challenge: requests.Response, repository: str, reads: str, ask: Ask) -> None:
        scheme, _, rest = challenge.headers.get("WWW-Authenticate", "").partition(" ")
        asked: dict[str, Any] = dict(_PARAMETER.findall(rest))
        credentials = self._keychain.credentials(self._host)
        if scheme.lower() == "bearer" and "realm" in asked:
            asked["scope"] = _scopes(asked.get("scope", ""), repository, reads)
            token = self._bearer(asked, credentials, repository, ask)
            self._known[repository, reads] = f"Bearer {token}"
        elif credentials is not None:
            self._known[_ALL, ""] = _basic(credentials)
        else:
            raise refusal(self._host, challenge.request.method or "", repository, challenge)

    def _bearer(
        self, asked: dict[str, Any], who: Credentials | None, repository: str, ask: Ask
    ) -> str:
        realm = asked.pop("realm")
        if base_url(self._host).startswith("https:") and not realm.startswith("https:"):
            raise RegistryError(
                f"registry {self._host} asks for a password over plain http; nothing was sent"
            )
        if who is not None and who.user == "<token>":
            form = {
                **asked,
                "grant_type": "refresh_token",
                "refresh_token": who.password,
                "client_id": "slipway",
            }
            answer = ask("POST", realm, data={**form, "scope": " ".join(asked["scope"])})
        else:
            headers = {"Authorization": _basic(who)} if who else {}
            answer = ask("GET", realm, params=asked, headers=headers)
        if not answer.ok:
            raise refusal(self._host, "GET", repository, answer)
        said = object_of(answer.content, f"the login of registry {self._host}")
        token = said.get("token") or said.get("access_token")
        if not isinstance(token, str) or not _TOKEN.fullmatch(token):
            raise RegistryError(f"the login of registry {self._host} gave no token; try again")
        return token


def _scopes(asked: str, repository: str, reads: str) -> list[str]:
    """What the registry asked for; a mount also needs to read where the blob is."""
    scopes = asked.split() or [f"repository:{repository}:pull,push"]
    if reads and not any(scope.startswith(f"repository:{reads}:") for scope in scopes):
        scopes.append(f"repository:{reads}:pull")
    return scopes


def _basic(who: Credentials) -> str:
    return "Basic " + b64encode(f"{who.user}:{who.password}".encode()).decode()
