"""Answers of services, made up: HTTP responses, a registry that says anything, AWS's clients."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import requests
from botocore.exceptions import ClientError as BotoError
from hypothesis import strategies as st

from clients.kubernetes import Kubernetes
from clients.kubernetes_config import Cluster
from clients.registry import Registry
from clients.registry_auth import Credentials, Keychain
from clients.registry_http import RegistryHttp
from clients.registry_refusals import unreachable
from tests.attacks.corpora import json_bytes, near

HOST = "registry.example.com"
CLUSTER = Kubernetes(Cluster(server="https://c.example.com", name="c", token="t"))
"""Its connections are made up by each test."""
STATUS = st.sampled_from((200, 201, 202, 204, 301, 400, 401, 403, 404, 409, 422, 429, 500, 503))


def headers(**good: str) -> st.SearchStrategy[dict[str, str]]:
    """These headers, good or not; some are missing."""
    named = {name.replace("_", "-"): near(text).map(as_sent) for name, text in good.items()}
    return st.fixed_dictionaries({}, optional=named)


def as_sent(text: str) -> str:
    """As http.client reads a header."""
    return "".join(text.encode("latin-1", "ignore").decode("latin-1").splitlines()).strip()


def answers(body: Any, **good: str) -> st.SearchStrategy[requests.Response]:
    """Responses with such a body and such headers."""
    return st.builds(response, STATUS, headers(**good), json_bytes(body))


def bodies(good: Any) -> st.SearchStrategy[requests.Response]:
    """Answers that are taken for good, with such a body."""
    return json_bytes(good).map(lambda body: response(200, {}, body))


def response(status: int, said: Mapping[str, str], body: bytes) -> requests.Response:
    """One response, as requests gives it."""
    made = requests.Response()
    made.status_code = status
    made.headers.update(said)
    made.raw = io.BytesIO(body)
    made.url = f"https://{HOST}/v2/dev/api/"
    made.reason = "Why"
    made.request = requests.Request("GET", made.url).prepare()
    return made


class Somebody(Keychain):
    """Has a password for every registry."""

    def credentials(self, host: str) -> Credentials | None:
        """Always the same ones."""
        return Credentials("user", "password")


class AnyHttp(RegistryHttp):
    """A registry that gives prepared answers, the last one again and again."""

    def __init__(self, *given: requests.Response) -> None:
        super().__init__(HOST, Somebody())
        self._given = list(given)

    def _request(self, method: str, url: str, **options: Any) -> requests.Response:
        try:
            requests.Request(method, url, headers=options.get("headers")).prepare()
        except requests.RequestException as error:
            raise unreachable(HOST, error) from None
        now = self._given.pop(0) if len(self._given) > 1 else self._given[0]
        content = now.content  # read once, given as often as it is asked for
        return response(now.status_code, now.headers, content)


def registry(*given: requests.Response) -> Registry:
    """A repository of that registry."""
    return Registry(f"{HOST}/dev/api", Somebody(), AnyHttp(*given))


@contextmanager
def aws(where: str, **methods: Any) -> Iterator[None]:
    """The AWS client that a module asks for has these methods, which give these answers."""

    def answering(answer: Any) -> Any:
        def call(**_: Any) -> Any:
            if isinstance(answer, Exception):
                raise answer
            return answer

        return call

    made = SimpleNamespace(**{name: answering(answer) for name, answer in methods.items()})
    with patch(where, lambda *_, **__: made):
        yield


def refused(code: str, message: str) -> BotoError:
    """What boto3 raises for an error of AWS."""
    return BotoError({"Error": {"Code": code, "Message": message}}, "Operation")
