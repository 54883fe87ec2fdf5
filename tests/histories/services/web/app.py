"""A page that tells what was built into its image, and whether its secret came."""

import hashlib
import json
import os
import signal
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

HERE = Path(__file__).parent
EDITION = (HERE / "edition.txt").read_text().strip()
WORDS = (HERE / "services/shared/words.txt").read_text().strip()
MOOD = (HERE / "mood.txt").read_text().strip()


class Page(BaseHTTPRequestHandler):
    """Answers GET with JSON; badly at /healthz if it is sick."""

    def do_GET(self) -> None:
        """Answers one request."""
        secret = hashlib.sha256(os.environ.get("TOKEN", "").encode()).hexdigest()
        body = json.dumps({"edition": EDITION, "words": WORDS, "secret": secret}).encode()
        self.send_response(503 if self.path == "/healthz" and MOOD == "sick" else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


if __name__ == "__main__":
    if MOOD == "dead":
        sys.exit("dead on arrival")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    ThreadingHTTPServer(("", int(os.environ.get("PORT", "8000"))), Page).serve_forever()
