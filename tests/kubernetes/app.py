"""A web program in several versions, in the cloud's registry."""

from __future__ import annotations

import base64
import json
import uuid
from dataclasses import dataclass

from tests.localcloud.cloud import Cloud
from tests.localcloud.lambda_images import Images, images_of

PROGRAM = """
import http.server, signal, sys, threading
VERSION = sys.argv[1]

class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        sick = self.path == "/healthz" and VERSION.startswith("sick")
        body = b"sick" if sick else VERSION.encode()
        self.send_response(503 if sick else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words):
        pass

print("serving", VERSION, flush=True)
server = http.server.ThreadingHTTPServer(("", 8000), Answer)
signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
server.serve_forever()
"""


@dataclass(frozen=True)
class App:
    """What is in the repository."""

    cloud: Cloud
    images: Images
    digests: dict[str, str]
    """The digest of each version: v1, v2, and sick, which never gets healthy."""

    def reference(self, version: str) -> str:
        """name:version@digest, as a manifest writes it."""
        return f"{self.images.uri}:{version}@{self.digests[version]}"

    def login(self) -> str:
        """A fresh login as a secret of the type dockerconfigjson holds it."""
        user, password = self.cloud.token()
        token = base64.b64encode(f"{user}:{password}".encode()).decode()
        return json.dumps({"auths": {self.images.uri.partition("/")[0]: {"auth": token}}})


def app_of(cloud: Cloud) -> App:
    """Pushes v1, v2 and sick."""
    repository = f"kubernetes/{uuid.uuid4().hex[:8]}"
    images = images_of(cloud, repository).with_files({"program.py": PROGRAM})
    digests = {version: images.push(version, version) for version in ("v1", "v2", "sick")}
    return App(cloud, images, digests)
