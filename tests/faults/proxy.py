"""An HTTP proxy on this machine that passes calls on and gives each a name."""

from __future__ import annotations

import http.client
import re
import socket
import struct
import threading
import urllib.parse
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HOP = ("connection", "transfer-encoding", "content-length", "keep-alive", "expect")


class LostError(Exception):
    """The connection is reset and nobody answers."""


@dataclass(frozen=True)
class Answer:
    """What comes back."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


@dataclass
class Proxy:
    """Passes every call on to a port of this machine."""

    port: int
    calls: list[str] = field(default_factory=list)
    """What was called, as `PutObject records/current.json` or `PUT /v2/…`."""
    rewritten: dict[str, str] = field(default_factory=dict)
    """Text that is replaced in answers: addresses that would lead around the proxy."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        handler = type("Handler", (_Handler,), {"proxy": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
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

    def handle(self, call: str, forward: Callable[[], Answer]) -> Answer:
        """The answer to a call. Raises LostError where there is none."""
        with self._lock:
            self.calls.append(call)
        return forward()

    def forward(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Passes a call on."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        connection.request(method, path, body or None, dict(headers))
        answer = connection.getresponse()
        data = answer.read()
        connection.close()
        kept = [(k, v) for k, v in answer.getheaders() if k.lower() not in HOP]
        if method == "HEAD":
            kept += [("Content-Length", answer.getheader("Content-Length") or "0")]
        for old, new in self.rewritten.items():
            kept = [(name, value.replace(old, new)) for name, value in kept]
            if len(data) < 100_000:
                data = data.replace(old.encode(), new.encode())
        return Answer(answer.status, tuple(kept), data)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    proxy: Proxy

    def _pass(self) -> None:
        try:
            body = self._body()
        except EOFError:
            self.close_connection = True  # who asked is gone: half a body goes nowhere
            return
        call = name_of(self.command, self.path, self.headers.get, body)
        headers = {k: v for k, v in self.headers.items() if k.lower() not in HOP}
        try:
            answer = self.proxy.handle(
                call, lambda: self.proxy.forward(self.command, self.path, headers, body)
            )
            self._send(answer)
        except LostError:
            # Closed so, the other side sees a reset and not an end.
            now = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, now)
            self.close_connection = True
        except OSError:
            self.close_connection = True  # who asked is gone

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers:
            self.send_header(name, value)
        if self.command != "HEAD":
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "") != "chunked":
            length = int(self.headers.get("Content-Length") or 0)
            if len(body := self.rfile.read(length)) < length:
                raise EOFError
            return body
        parts = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = do_PATCH = _pass  # noqa: N815

    def handle_expect_100(self) -> bool:
        self.send_response_only(100)
        self.end_headers()
        return True

    def log_message(self, format: str, *args: object) -> None:
        pass


def name_of(method: str, path: str, header: Callable[[str], str | None], body: bytes) -> str:
    """What a call is called: the same for every update."""
    target = header("X-Amz-Target")
    if target:
        return target.rpartition(".")[2]
    bare = urllib.parse.unquote(urllib.parse.urlsplit(path).path)
    if bare.startswith("/v2/"):
        return f"{method} {bare}"
    form = urllib.parse.parse_qs(body.decode("latin-1")) if method == "POST" else {}
    if "Action" in form:
        return form["Action"][0]
    key = bare.strip("/").partition("/")[2]
    key = re.sub(r"^records/[^/]+/", "records/", key)
    key = re.sub(r"^records/[0-9]{8}T.*", "records/*.json", key)
    return f"{method.capitalize()}Object {re.sub('^bundles/.*', 'bundles/', key)}"
