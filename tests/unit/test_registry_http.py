"""HTTP to a registry that answers badly, from a script; and how repositories are written."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from clients.registry import Registry, RegistryError
from clients.registry_auth import Credentials, Keychain
from clients.registry_names import base_url, is_tag, split_repository


class Script(BaseHTTPRequestHandler):
    """Answers one after the other from `answers`: status and headers."""

    answers: list[tuple[int, dict[str, str]]]
    seen: list[str | None]
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self.seen.append(self.headers.get("Authorization"))
        status, headers = self.answers.pop(0)
        self.send_response(status)
        for name, value in {"Content-Length": "0", **headers}.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def script() -> Iterator[tuple[str, type[Script]]]:
    class Handler(Script):
        answers: list[tuple[int, dict[str, str]]] = []  # noqa: RUF012
        seen: list[str | None] = []  # noqa: RUF012

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"127.0.0.1:{server.server_port}", Handler
    finally:
        server.shutdown()
        server.server_close()


class Tokens(Keychain):
    """Hands out a new password each time after it was told to forget the one before."""

    def __init__(self) -> None:
        super().__init__()
        self.logins = 0

    def credentials(self, host: str) -> Credentials:
        return Credentials("AWS", f"token-{self.logins}")

    def forget(self, host: str) -> None:
        self.logins += 1

    def ecr_region(self, host: str) -> str | None:
        return None


DIGEST = "sha256:" + "a" * 64
FOUND = (200, {"Docker-Content-Digest": DIGEST})
BASIC = (401, {"WWW-Authenticate": 'Basic realm="here"'})


@pytest.mark.fault(3, "a login runs out between two requests")
def test_an_expired_login_is_renewed_once(script: tuple[str, type[Script]]) -> None:
    address, server = script
    keychain = Tokens()
    registry = Registry(f"{address}/a", keychain)
    server.answers += [BASIC, FOUND, BASIC, FOUND]
    assert registry.head("x") == DIGEST
    assert registry.head("x") == DIGEST
    assert keychain.logins == 1
    assert server.seen[0] is None
    assert server.seen[1] == server.seen[2] != server.seen[3]


@pytest.mark.fault(3, "401 again after a new login")
def test_a_login_that_is_refused_again_stops(script: tuple[str, type[Script]]) -> None:
    address, server = script
    server.answers += [BASIC] * 3
    with pytest.raises(RegistryError, match="missing or expired"):
        Registry(f"{address}/a", Tokens()).head("x")
    assert server.answers == []


@pytest.mark.fault(2, "503, then 429 with Retry-After")
def test_a_busy_registry_is_asked_again_after_the_time_it_names(
    script: tuple[str, type[Script]],
) -> None:
    address, server = script
    server.answers += [(503, {}), (429, {"Retry-After": "1"}), FOUND]
    began = time.monotonic()
    assert Registry(f"{address}/a", Tokens()).head("x") == DIGEST
    assert time.monotonic() - began >= 1


@pytest.mark.fault(1, "503 without end")
def test_a_registry_that_stays_broken_is_given_up(
    script: tuple[str, type[Script]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    address, server = script
    server.answers += [(503, {})] * 20
    with pytest.raises(RegistryError, match="answered 503 to HEAD"):
        Registry(f"{address}/a", Tokens()).head("x")
    assert len(server.answers) >= 15


@pytest.mark.parametrize(
    "bad", ["", "a", "host/UPPER", "host/a:tag", "host/a@sha256:0", "https://host/a", "host/a b"]
)
def test_what_is_no_repository_is_refused(bad: str) -> None:
    with pytest.raises(ValueError, match="is not a repository"):
        split_repository(bad)


def test_only_this_machine_is_talked_to_without_tls() -> None:
    assert base_url("127.0.0.1:4510") == "http://127.0.0.1:4510"
    assert base_url("localhost:5000") == "http://localhost:5000"
    assert base_url("[::1]:5000") == "http://[::1]:5000"
    assert base_url("10.0.0.1:5000") == "https://10.0.0.1:5000"
    assert base_url("127.0.0.1.example.com") == "https://127.0.0.1.example.com"


def test_a_tag_is_at_most_128_characters() -> None:
    assert is_tag("v" * 128)
    assert not is_tag("v" * 129)
    assert not is_tag("v1\n")
    assert not is_tag("-rf")
