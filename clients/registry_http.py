"""HTTP to one registry: bounded retries, logins when asked to, and a count of the requests."""

from __future__ import annotations

import copy
import threading
from typing import IO, Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from clients.registry_answers import read_whole
from clients.registry_auth import Keychain
from clients.registry_login import Logins
from clients.registry_names import base_url, is_loopback
from clients.registry_refusals import RegistryError, refusal, unreachable

__all__ = ["RegistryError", "RegistryHttp", "Tally"]

_TIMEOUT = (3.05, 30)  # seconds to connect, seconds to wait for bytes
# The first also limits each write of a body, the second a registry that stores a large layer.
_BODY_TIMEOUT = (60, 300)
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


class Tally:
    """How many requests were sent; safe in threads."""

    def __init__(self) -> None:
        self.requests = 0
        self._lock = threading.Lock()

    def add(self, requests: int) -> None:
        """Count some more."""
        with self._lock:
            self.requests += requests


class RegistryHttp:
    """One registry host; safe in threads, which share logins and connections."""

    def __init__(self, host: str, keychain: Keychain) -> None:
        self.host = host
        self.tally = Tally()
        self._base = base_url(host)
        self._logins = Logins(host, keychain)
        self._idle: dict[bool, list[requests.Session]] = {True: [], False: []}

    def counted(self, tally: Tally) -> RegistryHttp:
        """The same connections and logins, with the requests counted in `tally`."""
        other = copy.copy(self)
        other.tally = tally
        return other

    def send(
        self,
        method: str,
        path: str,
        repository: str,
        *,
        headers: dict[str, str] | None = None,
        data: bytes | IO[bytes] | None = None,
        stream: bool = False,
        reads: str = "",
    ) -> requests.Response:
        """Send one request and log in when asked to, once more when a login has run out.

        `path` begins with /, or is the URL that an upload was told to use. A body that is not
        bytes is sent once, without any second try. With `stream` the answer's body is the
        caller's to read and close. `reads` is a second repository that the request reads from.
        Gives back any answer below 400, and 404. Raises RegistryError for everything else.
        """
        options: dict[str, Any] = {"headers": headers or {}, "data": data, "stream": stream}
        answer = self._once(method, path, repository, reads, options)
        logins = 0
        once = data is not None and not isinstance(data, bytes)
        while answer.status_code == 401 and logins < 2 and not once:
            self._logins.answer(answer, repository, reads, self._request)
            logins += 1
            answer = self._once(method, path, repository, reads, options)
        if answer.status_code >= 400 and answer.status_code != 404:
            raise refusal(self.host, method, repository, answer)
        return answer

    def _once(
        self, method: str, path: str, repository: str, reads: str, options: dict[str, Any]
    ) -> requests.Response:
        headers = dict(options["headers"])
        url, ours = self._place(path)
        authorization = self._logins.authorization(repository, reads)
        if authorization and ours:
            headers["Authorization"] = authorization
        return self._request(method, url, **{**options, "headers": headers})

    def _place(self, path: str) -> tuple[str, bool]:
        """The URL, and whether it is this host's, which alone may see the login."""
        if path.startswith("/"):
            return self._base + path, True
        try:
            parts = urlsplit(path)
        except ValueError as error:
            raise RegistryError(
                f"registry {self.host} sends an upload to {path[:200]!r}: {error}"
            ) from None
        if parts.netloc == urlsplit(self._base).netloc:
            # A registry behind a proxy may not know that it is reached by https.
            return self._base + parts._replace(scheme="", netloc="").geturl(), True
        # This machine's own services are nothing that a registry elsewhere may send us to.
        here = is_loopback(parts.netloc) and is_loopback(self.host)
        if parts.scheme != "https" and not here:
            raise RegistryError(
                f"registry {self.host} sends an upload to {path[:200]!r}; allowed: https"
            )
        return path, False

    def _request(self, method: str, url: str, **options: Any) -> requests.Response:
        data = options.get("data")
        body = data is not None and not isinstance(data, bytes | dict)
        timeout = _BODY_TIMEOUT if body else _TIMEOUT
        idle = self._idle[body]
        # One thread at a time has a session; threads come and go, its connections stay.
        try:
            session = idle.pop()
        except IndexError:
            session = _new_session(self.host, retries=0 if body else _RETRIES)
        try:
            answer = session.request(method, url, timeout=timeout, **{**options, "stream": True})
            if not options.get("stream"):
                read_whole(answer, self.host)
        except requests.RequestException as error:
            self.tally.add(1)
            raise unreachable(self.host, error) from None
        finally:
            idle.append(session)
        self.tally.add(1 + len(answer.history))
        return answer


class _Session(requests.Session):
    def rebuild_auth(
        self, prepared_request: requests.PreparedRequest, response: requests.Response
    ) -> None:
        """Take the login away where a redirect leaves the host, and put none of ~/.netrc there."""
        headers = prepared_request.headers
        before, after = response.request.url or "", prepared_request.url or ""
        if _host(before) != _host(after):
            headers.pop("Authorization", None)


def _new_session(host: str, retries: Retry | int) -> requests.Session:
    session = _Session()
    session.auth = _as_it_is  # else ~/.netrc answers in the place of Docker's login
    session.trust_env = not is_loopback(host)  # no proxy reaches this machine's own
    for scheme in ("http://", "https://"):
        session.mount(scheme, HTTPAdapter(max_retries=retries))
    return session


def _host(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request
