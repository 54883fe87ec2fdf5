"""A real HTTP server that takes events and answers as it is told."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Listener(ThreadingHTTPServer):
    """What it got, in order; `wait` lets an answer go out, `status` is that answer."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.got: list[tuple[str, dict[str, str], bytes]] = []
        self.times: list[float] = []
        self.status = 204
        self.headers: dict[str, str] = {}
        self.wait = threading.Event()
        self.wait.set()
        self.url = f"http://127.0.0.1:{self.server_address[1]}/hook?token=hidden"


class _Handler(BaseHTTPRequestHandler):
    server: Listener

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((self.path, dict(self.headers.items()), body))
        if not self.server.wait.is_set():
            self.server.times.append(time.monotonic())
        self.server.wait.wait(60)
        self.send_response(self.server.status)
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        self.end_headers()

    do_GET = do_POST  # noqa: N815

    def log_message(self, *_: Any) -> None:
        """Quiet."""


@contextmanager
def listener() -> Iterator[Listener]:
    """It listens on a free port of this machine until the block ends."""
    made = Listener()
    threading.Thread(target=made.serve_forever, daemon=True).start()
    try:
        yield made
    finally:
        made.wait.set()
        made.shutdown()
        made.server_close()
