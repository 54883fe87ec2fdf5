"""A small book shop: `/` lists the books, `/version` says what runs, `/healthz` how it is."""

import json
import os
import signal
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

GREETING = "Welcome to the book shop"
HEALTHY = True

BOOKS = json.loads(Path(__file__).with_name("books.json").read_text())


def running_image() -> dict[str, str]:
    """The tag and the digest of this very image, as the host was told to run it."""
    tag, _, digest = os.environ.get("IMAGE_TAG", "unknown").partition("@")
    return {"version": tag, "digest": digest}


def answer(path: str) -> tuple[int, dict[str, object]]:
    """The status and the document for one path."""
    match path.partition("?")[0]:
        case "/":
            return 200, {"greeting": GREETING, "books": BOOKS, **running_image()}
        case "/version":
            return 200, {"service": "book-shop", **running_image()}
        case "/healthz" if HEALTHY:
            return 200, {"status": "ok"}
        case "/healthz":
            print("healthz: the shelves are empty", flush=True)
            return 503, {"status": "the shelves are empty"}
    return 404, {"error": f"no page {path}"}


class Shop(BaseHTTPRequestHandler):
    """Answers GET with JSON."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answers one request."""
        status, document = answer(self.path)
        body = (json.dumps(document) + "\n").encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Keeps the log for what matters."""


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    port = int(os.environ.get("PORT", "8000"))
    print(f"book-shop {running_image()['version']} listens on {port}", flush=True)
    ThreadingHTTPServer(("", port), Shop).serve_forever()
