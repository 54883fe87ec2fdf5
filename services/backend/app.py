"""The shop's API: `/orders` lists and takes orders, `/version` says what runs, `/healthz` how."""

import json
import os
import signal
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from orders import PRICES, OrderError, Orders

HEALTHY = True
LARGEST = 10_000

ORDERS = Orders()


def running_image() -> dict[str, str]:
    """The tag and the digest of this very image, as the task was told to run it."""
    tag, _, digest = os.environ.get("IMAGE_TAG", "unknown").partition("@")
    return {"version": tag, "digest": digest}


def answer(method: str, path: str, body: bytes = b"") -> tuple[int, dict[str, object]]:
    """The status and the document for one request."""
    match method, path.partition("?")[0]:
        case "GET", "/":
            return 200, {"service": "backend", "prices": PRICES, **running_image()}
        case "GET", "/version":
            return 200, {"service": "backend", **running_image()}
        case "GET", "/healthz" if HEALTHY:
            return 200, {"status": "ok"}
        case "GET", "/healthz":
            print("healthz: no orders are taken", flush=True)
            return 503, {"status": "no orders are taken"}
        case "GET", "/orders":
            return 200, {"orders": ORDERS.placed()}
        case "POST", "/orders":
            return take(body)
    return 404, {"error": f"no page {method} {path}"}


def take(body: bytes) -> tuple[int, dict[str, object]]:
    """Takes an order."""
    try:
        return 201, ORDERS.place(json.loads(body))
    except (OrderError, ValueError) as error:
        return 400, {"error": str(error)}


class Shop(BaseHTTPRequestHandler):
    """Answers with JSON."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answers one request."""
        self._reply(*answer("GET", self.path))

    def do_POST(self) -> None:
        """Answers one request with a body."""
        size = int(self.headers.get("Content-Length") or 0)
        if size > LARGEST:
            self.close_connection = True
            self._reply(413, {"error": f"{size} bytes are too many; {LARGEST} are allowed"})
        else:
            self._reply(*answer("POST", self.path, self.rfile.read(size)))

    def log_message(self, format: str, *args: object) -> None:
        """Keeps the log for what matters."""

    def _reply(self, status: int, document: dict[str, object]) -> None:
        body = (json.dumps(document) + "\n").encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def main() -> None:
    """Serves until SIGTERM; requests that have begun are answered."""
    port = int(os.environ.get("PORT", "3000"))
    server = ThreadingHTTPServer(("", port), Shop)
    server.daemon_threads = False
    # shutdown() waits for the loop that the signal has interrupted.
    stop = threading.Thread(target=server.shutdown)
    signal.signal(signal.SIGTERM, lambda *_: stop.start())
    print(f"backend {running_image()['version']} listens on {port}", flush=True)
    server.serve_forever()
    print("backend ends", flush=True)
    sys.exit(0)


if __name__ == "__main__":
    main()
