"""A stand-in for GitHub's API on this machine: tags, references and releases of one repository.

`python -m tests.fakes.github_api PORT [owner/name [COMMIT ...]]` serves until it is ended;
GET /_state tells what was made. Status codes and error bodies are those of api.github.com, as its
documentation and issue threads show them.
"""

from __future__ import annotations

import json
import re
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.fakes.github_store import Answer, Store, failure

_VERSIONS = ("2022-11-28", "2026-03-10")


class FakeGitHub:
    """The server and what it keeps; used as `with served(Store(...)) as github`."""

    def __init__(self, store: Store, port: int = 0) -> None:
        self.store = store
        handler = type("Handler", (_Handler,), {"fake": self})
        self.server = ThreadingHTTPServer(("127.0.0.1", port), handler)
        self.server.daemon_threads = True

    @property
    def api(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"


@contextmanager
def served(store: Store) -> Iterator[FakeGitHub]:
    """The server on a free port, in a thread."""
    fake = FakeGitHub(store)
    store.web = fake.api
    threading.Thread(target=fake.server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield fake
    finally:
        fake.server.shutdown()
        fake.server.server_close()


class _Handler(BaseHTTPRequestHandler):
    fake: FakeGitHub
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._serve("GET", None)

    def do_POST(self) -> None:
        data = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        try:
            body = json.loads(data)
        except ValueError:
            return self._send(failure(400, "Problems parsing JSON"))
        return self._serve("POST", body)

    def do_PATCH(self) -> None:
        data = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self._serve("PATCH", json.loads(data))

    def _serve(self, method: str, body: Any) -> None:
        store, path = self.fake.store, urlsplit(self.path)
        if path.path == "/_state":
            return self._send(Answer(200, store.state()))
        with store.lock:
            refused = self._door(method, path.path) or store.breaks(method, path.path)
            answer = refused or route(store, method, path.path, parse_qs(path.query), body)
            drop = store.drops(method, path.path)
        if drop and store.gateway:
            answer = failure(store.gateway, "Server Error")
        elif drop:
            self.close_connection = True  # it has acted, and nobody hears of it
            return None
        return self._send(answer)

    def _door(self, method: str, path: str) -> Answer | None:
        """What GitHub checks before it looks at what is asked."""
        store = self.fake.store
        store.seen.append(f"{method} {path}")
        store.tokens.append(self.headers.get("Authorization", ""))
        if not self.headers.get("User-Agent"):
            return failure(403, "Request forbidden by administrative rules.")
        if self.headers.get("X-GitHub-Api-Version", _VERSIONS[0]) not in _VERSIONS:
            return failure(400, "The API version is not supported")
        if store.throttles:
            return store.throttles.pop(0)
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        if scheme.lower() not in ("bearer", "token", "") or (token and token != store.token):
            return failure(401, "Bad credentials")
        hidden = store.is_private and not token
        if store.renamed:
            return Answer(301, {"message": "Moved Permanently", "url": "/repositories/1"})
        if path != "/user" and (hidden or not path.startswith(f"/repos/{store.repository}")):
            return failure(404, "Not Found")
        if method in ("POST", "PATCH") and not store.may_write:
            return failure(403, "Resource not accessible by integration")
        return None

    def _send(self, answer: Answer) -> None:
        data = json.dumps(answer.body).encode()
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        pass


def route(store: Store, method: str, path: str, query: dict[str, list[str]], body: Any) -> Answer:
    """The answer of the one route that fits, else 404 as GitHub has it."""
    rest = unquote(path.removeprefix(f"/repos/{store.repository}"))
    fixed: dict[tuple[str, str], Callable[[], Answer]] = {
        ("GET", ""): store.look,
        ("POST", "/git/tags"): lambda: store.make_tag_object(body),
        ("POST", "/git/refs"): lambda: store.make_reference(body),
        ("POST", "/releases"): lambda: store.make_release(body),
        ("GET", "/releases"): lambda: store.list_releases(query),
        ("GET", "/user"): lambda: Answer(200, store.user()),
        ("GET", "/issues/7/comments"): lambda: store.list_comments(query),
        ("POST", "/issues/7/comments"): lambda: store.make_comment(body),
    }
    if (method, rest) in fixed:
        return fixed[method, rest]()
    edited = re.fullmatch(r"/issues/comments/([0-9]+)", rest)
    if method == "PATCH" and edited:
        return store.edit_comment(int(edited[1]), body)
    found = re.fullmatch(r"/(git/commits|git/ref/tags|git/tags|releases/tags)/(.+)", rest)
    if method != "GET" or found is None:
        return failure(404, "Not Found")
    return store.find(found[1], found[2])


def main() -> None:
    """Serve on the port of argv until ended; the token is `fake-token`."""
    port, *rest = sys.argv[1:]
    repository, *commits = rest or ["acme/shop"]
    fake = FakeGitHub(Store(repository=repository, commits=set(commits) or None), int(port))
    fake.store.web = fake.api
    print(fake.api, flush=True)
    fake.server.serve_forever()


if __name__ == "__main__":
    main()
