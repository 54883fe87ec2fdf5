"""HTTP to GitHub's API: retries that can do no harm, rate limits, and errors in one sentence.

Rules: https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api and
https://docs.github.com/rest/about-the-rest-api/api-versions
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from clients.github_answers import Shape, T, shaped
from clients.github_error import GitHubError, LostAnswerError, explain, said_by
from clients.github_names import check_api
from clients.github_token import Token, find_token
from clients.registry_names import is_loopback
from release.json_document import json_of

API_VERSION = "2022-11-28"  # the default of github.com, and known to every Enterprise Server
LONGEST_WAIT = 180.0  # seconds that one request may wait for rate limits in all
_TIMEOUT = (3.05, 30)  # seconds to connect, seconds to wait for bytes
# A POST whose answer is lost may have acted: only whoever asked can look and decide.
_RETRIES = Retry(
    total=5,
    connect=2,
    read=3,
    status=3,
    redirect=0,
    backoff_factor=0.25,
    backoff_jitter=0.25,
    status_forcelist=(500, 502, 503, 504),
    allowed_methods={"GET", "PATCH"},
    respect_retry_after_header=False,
    raise_on_status=False,
)


class GitHubHttp:
    """One API with one token, for one piece of work in one thread."""

    def __init__(self, api: str, wait: Callable[[float], None] = time.sleep) -> None:
        """`wait` gets seconds and may raise to give up. Raises ValueError for a bad `api`."""
        self.api = check_api(api)
        self._wait = wait

    @cached_property
    def token(self) -> Token:
        """Looked for at the first request. Raises ClientError when there is none."""
        return find_token(self.api)

    def get(self, path: str, about: str, shape: Shape[T]) -> T | None:
        """What is at `path`, or None where nothing is (404); `about` names it in errors."""
        found = self._send("GET", path, about, None)
        return None if found is None else shaped(shape, found, about)

    def post(self, path: str, about: str, body: Mapping[str, object], shape: Shape[T]) -> T:
        """What answers `body`.

        Raises LostAnswerError when nobody knows whether GitHub acted, GitHubError when it did not.
        """
        return shaped(shape, self._send("POST", path, about, body), about)

    def patch(self, path: str, about: str, body: Mapping[str, object], shape: Shape[T]) -> T:
        """What answers `body`; for what may be said twice. Raises GitHubError."""
        return shaped(shape, self._send("PATCH", path, about, body), about)

    def _send(self, method: str, path: str, about: str, body: Mapping[str, object] | None) -> Any:
        waited, limits = 0.0, 0
        while True:
            answer = self._once(method, path, about, body)
            pause = _pause(answer, limits)
            if pause is None:
                return self._read(method, about, answer)
            if waited + pause > LONGEST_WAIT:
                raise GitHubError(_too_long(about, pause, answer), answer.status_code)
            self._wait(pause)
            waited, limits = waited + pause, limits + 1

    def _once(
        self, method: str, path: str, about: str, body: Mapping[str, object] | None
    ) -> requests.Response:
        headers = {
            "Authorization": f"Bearer {self.token.value}",
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": API_VERSION,
            "User-Agent": "slipway",
        }
        try:
            return self._session.request(
                method,
                self.api + path,
                headers=headers,
                json=body,
                timeout=_TIMEOUT,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            text = f"{about}: {self.api} does not answer ({type(error).__name__}); try again"
            raise (LostAnswerError if method == "POST" else GitHubError)(text) from None

    @cached_property
    def _session(self) -> requests.Session:
        session = requests.Session()
        session.auth = _as_it_is  # else ~/.netrc answers in the place of the token
        session.trust_env = not is_loopback(urlsplit(self.api).netloc)
        session.mount("http://", HTTPAdapter(max_retries=_RETRIES))
        session.mount("https://", HTTPAdapter(max_retries=_RETRIES))
        return session

    def _read(self, method: str, about: str, answer: requests.Response) -> Any:
        if method == "GET" and answer.status_code == 404:
            return None
        if answer.status_code >= 500 and method == "POST":
            raise LostAnswerError(explain(about, answer, self.token), answer.status_code)
        if not 200 <= answer.status_code < 300:
            code = said_by(answer)[1]
            raise GitHubError(explain(about, answer, self.token), answer.status_code, code)
        try:
            return json_of(answer.content)
        except ValueError:
            raise GitHubError(
                f"{about}: {self.api} answered something else than JSON; is it GitHub's API?"
            ) from None


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _pause(answer: requests.Response, limits: int) -> float | None:
    """Seconds to wait before the same request may come again; None if this is no rate limit."""
    if answer.status_code not in (403, 429):
        return None
    after = answer.headers.get("Retry-After", "")
    if after.isascii() and after.isdigit():
        return max(1.0, float(after))
    if answer.headers.get("X-RateLimit-Remaining") == "0":
        reset = answer.headers.get("X-RateLimit-Reset", "")
        if reset.isascii() and reset.isdigit():
            return max(1.0, float(reset) - _now(answer) + 1)
    text = said_by(answer)[0].lower()
    if answer.status_code == 429 or "rate limit" in text:
        return 60.0 * (1 << limits)  # "wait for at least one minute", then exponentially longer
    return None


def _now(answer: requests.Response) -> float:
    """GitHub's own time: this machine's clock may be wrong."""
    try:
        return float(parsedate_to_datetime(answer.headers["Date"]).timestamp())
    except (KeyError, ValueError, TypeError):
        return time.time()


def _too_long(about: str, pause: float, answer: requests.Response) -> str:
    seconds = min(pause, 86_400)
    until = datetime.fromtimestamp(_now(answer) + seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return (
        f"{about}: GitHub's rate limit is used up until {until} ({said_by(answer)[0]}); run the "
        "same command again then, what is there already is left alone"
    )
