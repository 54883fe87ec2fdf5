"""HTTP to one registry: bounded retries, the login challenge, and errors in one sentence."""

from __future__ import annotations

import re
import threading
from base64 import b64encode
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from clients import ClientError
from clients.registry_auth import Credentials, Keychain
from clients.registry_names import base_url, is_loopback

_TIMEOUT = (3.05, 30)  # seconds to connect, seconds to wait for bytes
_PARAMETER = re.compile(r'(\w+)="([^"]*)"')
_CAUSES = (
    *("Connection refused", "Connection reset", "timed out", "CERTIFICATE_VERIFY_FAILED"),
    *("Name or service not known", "No route to host", "Network is unreachable"),
    "Temporary failure in name resolution",
)
_ALL = "*"  # a password, unlike a bearer token, is good for every repository of its host
# Refused connections are tried for about a second, as a registry that restarts comes back by then.
_RETRIES = Retry(
    total=5,
    connect=2,
    read=3,
    status=4,
    redirect=5,
    backoff_factor=0.25,
    backoff_jitter=0.25,
    status_forcelist=(429, 500, 502, 503, 504),
    allowed_methods=None,  # every request here may be sent twice: manifests are named by content
    retry_after_max=20,
    raise_on_status=False,
)


class RegistryError(ClientError):
    """A registry refused or could not be reached; `code` is the registry's error code or empty."""

    def __init__(self, message: str, code: str = "", status: int = 0) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


class RegistryHttp:
    """One registry host; safe in threads, each of which keeps its own connections."""

    def __init__(self, host: str, keychain: Keychain) -> None:
        self.host = host
        self._keychain = keychain
        self._local = threading.local()
        self._authorizations: dict[str, str] = {}

    def send(
        self,
        method: str,
        path: str,
        repository: str,
        *,
        headers: dict[str, str] | None = None,
        data: bytes | None = None,
    ) -> requests.Response:
        """Send one request and log in when asked to, once more when a login has run out.

        Gives back any answer below 400, and 404. Raises RegistryError for everything else.
        """
        answer = self._once(method, path, repository, headers, data)
        logins = 0
        while answer.status_code == 401 and logins < 2:
            if logins or self._authorizations.keys() & {repository, _ALL}:
                self._keychain.forget(self.host)
            self._log_in(answer, repository)
            logins += 1
            answer = self._once(method, path, repository, headers, data)
        if answer.status_code >= 400 and answer.status_code != 404:
            raise self._refusal(method, repository, answer)
        return answer

    def _once(
        self,
        method: str,
        path: str,
        repository: str,
        headers: dict[str, str] | None,
        data: bytes | None,
    ) -> requests.Response:
        sent = dict(headers or {})
        authorization = self._authorizations.get(repository) or self._authorizations.get(_ALL)
        if authorization:
            sent["Authorization"] = authorization
        return self._request(method, base_url(self.host) + path, headers=sent, data=data)

    def _request(self, method: str, url: str, **options: Any) -> requests.Response:
        try:
            return self._session().request(method, url, timeout=_TIMEOUT, **options)
        except requests.RequestException as error:
            raise RegistryError(
                f"registry {self.host} does not answer: {_cause(error)}; is it running, and is the "
                "name right?"
            ) from None

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = self._local.session = requests.Session()
            session.auth = _as_it_is  # else ~/.netrc answers in the place of Docker's login
            session.trust_env = not is_loopback(self.host)  # no proxy reaches this machine's own
            session.mount("http://", HTTPAdapter(max_retries=_RETRIES))
            session.mount("https://", HTTPAdapter(max_retries=_RETRIES))
        return session

    def _log_in(self, challenge: requests.Response, repository: str) -> None:
        scheme, _, rest = challenge.headers.get("WWW-Authenticate", "").partition(" ")
        asked = dict(_PARAMETER.findall(rest))
        credentials = self._keychain.credentials(self.host)
        if scheme.lower() == "bearer" and "realm" in asked:
            token = self._bearer(asked, credentials, repository)
            self._authorizations[repository] = f"Bearer {token}"
        elif credentials is not None:
            self._authorizations[_ALL] = _basic(credentials)
        else:
            raise self._refusal(challenge.request.method or "", repository, challenge)

    def _bearer(self, asked: dict[str, str], who: Credentials | None, repository: str) -> str:
        realm = asked.pop("realm")
        if base_url(self.host).startswith("https:") and not realm.startswith("https:"):
            raise RegistryError(
                f"registry {self.host} asks for a password over plain http; nothing was sent"
            )
        asked.setdefault("scope", f"repository:{repository}:pull,push")
        if who is not None and who.user == "<token>":
            form = {
                **asked,
                "grant_type": "refresh_token",
                "refresh_token": who.password,
                "client_id": "slipway",
            }
            answer = self._request("POST", realm, data=form)
        else:
            headers = {"Authorization": _basic(who)} if who else {}
            answer = self._request("GET", realm, params=asked, headers=headers)
        if not answer.ok:
            raise self._refusal("GET", repository, answer)
        said = answer.json()
        return str(said.get("token") or said["access_token"])

    def _refusal(self, method: str, repository: str, answer: requests.Response) -> RegistryError:
        where = f"{self.host}/{repository}"
        code, said = _said(answer)
        if answer.status_code == 401:
            text = (
                f"registry {self.host} refused the login for {repository}: credentials are "
                f"missing or expired ({said}); log in again (`docker login {self.host}`, or "
                "new AWS credentials for ECR)"
            )
        elif answer.status_code == 403:
            text = f"{where}: this login may not {_verb(method)} there ({said})"
        elif answer.status_code == 429:
            text = f"{where}: the registry asks to slow down and still does after 4 tries ({said})"
        else:
            text = f"{where}: the registry answered {answer.status_code} to {method} ({said})"
        return RegistryError(text, code, answer.status_code)


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _basic(who: Credentials) -> str:
    return "Basic " + b64encode(f"{who.user}:{who.password}".encode()).decode()


def _verb(method: str) -> str:
    return "read" if method in ("GET", "HEAD") else "write"


def _said(answer: requests.Response) -> tuple[str, str]:
    try:
        first = answer.json()["errors"][0]
        code = str(first["code"])
        return code, f"{code}: {first.get('message', '')}".strip(": ")
    except (ValueError, KeyError, IndexError, TypeError, AttributeError):
        return "", answer.text.strip()[:200] or answer.reason or "no reason given"


def _cause(error: Exception) -> str:
    text = str(error)
    for known in _CAUSES:
        if known in text:
            return known
    return type(error).__name__
