"""A way to the local cloud that ends a process at a call: before it, or before its answer."""

from __future__ import annotations

import http.client
import re
import sys
import threading
import urllib.parse
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

WRITES = ("PutObject", "SendCommand")
Reply = tuple[int, bytes]
"""Status and body."""


@dataclass
class CallsProxy:
    """Forwards every call; at the one that is aimed at it does `act` first, or before answering."""

    port: int
    calls: list[str] = field(default_factory=list)
    """What was called, as `PutObject records/current.json`, the same for every update."""
    _target: tuple[str, int, bool] | None = None
    _act: Callable[[], Reply | None] = lambda: None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        handler = type("Handler", (_Handler,), {"proxy": self})
        self._server = _Server(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        """host:port."""
        return f"127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        """Ends it."""
        self._server.shutdown()
        self._server.server_close()

    def aim(
        self, call: str, number: int, *, answered: bool, act: Callable[[], Reply | None]
    ) -> None:
        """At the `number`th call (from 1) that begins so from now on: `act`; once.

        What `act` gives back is answered in the cloud's place; it is not asked then, unless
        `answered`.
        """
        with self._lock:
            self.calls.clear()
            self._target, self._act = (call, number, answered), act

    @contextmanager
    def aimed(
        self, call: str, number: int, *, answered: bool, act: Callable[[], Reply | None]
    ) -> Iterator[None]:
        """`aim`, and at the end at nothing."""
        self.aim(call, number, answered=answered, act=act)
        yield
        with self._lock:
            self._target = None

    @property
    def hit(self) -> bool:
        """Whether the call came."""
        return self._target is None

    def note(self, call: str) -> bool | None:
        """Takes a call down; None if it is not the one, else whether it is done first."""
        with self._lock:
            self.calls.append(call)
            if self._target is None:
                return None
            wanted, number, answered = self._target
            same = sum(each.startswith(wanted) for each in self.calls)
            if not call.startswith(wanted) or same != number:
                return None
            self._target = None
            return answered

    def act(self) -> Reply | None:
        """What is done at the call."""
        return self._act()


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        if not isinstance(sys.exception(), ConnectionError):  # who asked is dead
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    proxy: CallsProxy

    def _forward(self) -> None:
        body = self._body()
        answered = self.proxy.note(_name(self.command, self.path, self.headers.get, body))
        if answered is False and (reply := self.proxy.act()):
            return self._answer(reply[0], [], reply[1])
        connection = http.client.HTTPConnection("127.0.0.1", self.proxy.port, timeout=120)
        headers = {k: v for k, v in self.headers.items() if k.lower() not in _HOP}
        connection.request(self.command, self.path, body or None, headers)
        answer = connection.getresponse()
        data = answer.read()
        if answered and (reply := self.proxy.act()):
            return self._answer(reply[0], [], reply[1])
        self._answer(answer.status, answer.getheaders(), data)

    def _answer(self, status: int, headers: Iterable[tuple[str, str]], data: bytes) -> None:
        try:
            self.send_response(status)
            for name, value in headers:
                if name.lower() not in _HOP:
                    self.send_header(name, value)
            if self.command != "HEAD":
                self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)
        except OSError:
            self.close_connection = True  # who asked is gone

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = _forward  # noqa: N815

    def handle_expect_100(self) -> bool:
        self.send_response_only(100)
        self.end_headers()
        return True

    def log_message(self, format: str, *args: object) -> None:
        pass


_HOP = ("connection", "transfer-encoding", "content-length", "keep-alive", "expect")


def _name(method: str, path: str, header: Callable[[str], str | None], body: bytes) -> str:
    target = header("X-Amz-Target")
    if target:
        return target.rpartition(".")[2]
    form = urllib.parse.parse_qs(body.decode("latin-1")) if method == "POST" else {}
    if "Action" in form:
        return form["Action"][0]
    key = urllib.parse.unquote(urllib.parse.urlsplit(path).path).strip("/").partition("/")[2]
    key = re.sub(r"^records/[^/]+/", "records/", key)
    key = re.sub(r"^records/[0-9]{8}T.*", "records/*.json", key)
    return f"{method.capitalize()}Object {re.sub('^bundles/.*', 'bundles/', key)}"
