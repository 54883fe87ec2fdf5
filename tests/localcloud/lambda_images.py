"""Images for functions: a program that does what its event says, on the base image."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.localcloud.cloud import Cloud
from tests.localcloud.pusher import DOCKER_MANIFEST, Pusher, digest_of

LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"
CONFIG = "application/vnd.docker.container.image.v1+json"
PROGRAM = """
import json, os, sys, time, urllib.request
API = "http://" + os.environ["AWS_LAMBDA_RUNTIME_API"] + "/2018-06-01/runtime/"
NAME = sys.argv[1]
COUNT = 0

def call(path, body=None):
    with urllib.request.urlopen(API + path, body and json.dumps(body).encode()) as answer:
        return dict(answer.headers), answer.read()

def write(path):
    try:
        open(path, "w").write("x")
        return True
    except OSError as error:
        return str(error)

def fetch(url):
    try:
        return urllib.request.urlopen(url, timeout=5).status
    except urllib.error.HTTPError as error:
        return error.code

def handle(event, headers):
    global COUNT
    COUNT += 1
    if "print" in event:
        print(event["print"], flush=True)
    if "sleep" in event:
        time.sleep(event["sleep"])
    if "exit" in event:
        os._exit(event["exit"])
    if "hog" in event:
        held = bytearray(event["hog"] << 20)
        held[::4096] = b"x" * len(held[::4096])
    if "raise" in event:
        raise ValueError(event["raise"])
    if "ANSWER" in os.environ:
        return json.loads(os.environ["ANSWER"])
    return {
        "program": NAME, "count": COUNT, "event": event, "uid": os.getuid(),
        "environment": dict(os.environ), "arn": headers["Lambda-Runtime-Invoked-Function-Arn"],
        "deadline": headers["Lambda-Runtime-Deadline-Ms"],
        "written": {path: write(path) for path in event.get("write", ())},
        "fetched": {url: fetch(url) for url in event.get("fetch", ())},
    }

if NAME == "broken":
    print("no such module", flush=True)
    sys.exit(3)
if NAME == "init-error":
    call("init/error", {"errorType": "Runtime.ImportModuleError", "errorMessage": "no module"})
    sys.exit(1)
while True:
    headers, body = call("invocation/next")
    path = "invocation/" + headers["Lambda-Runtime-Aws-Request-Id"] + "/"
    try:
        call(path + "response", handle(json.loads(body), headers))
    except ValueError as error:
        call(path + "error", {"errorType": type(error).__name__, "errorMessage": str(error)})
"""


@dataclass(frozen=True)
class Images:
    """A repository of images whose program is called `name`."""

    pusher: Pusher
    layers: list[dict[str, Any]]
    diffs: list[str]
    uri: str

    def with_files(self, files: Mapping[str, str]) -> Images:
        """The same with one more layer that holds these files."""
        plain = tar_of(files)
        layer = {**self.pusher.blob(gzip.compress(plain, mtime=0)), "mediaType": LAYER}
        diffs = [*self.diffs, digest_of_bytes(plain)]
        return Images(self.pusher, [*self.layers, layer], diffs, self.uri)

    def push(self, name: str, tag: str, **settings: Any) -> str:
        """Pushes an image; gives its digest.

        `architecture` and `runs` replace parts of its config, other settings of its manifest.
        """
        config = {
            "architecture": settings.pop("architecture", "amd64"),
            "os": "linux",
            "config": {"Entrypoint": ["python3", "/program.py"], "Cmd": [name], "User": "nobody"},
            "rootfs": {"type": "layers", "diff_ids": self.diffs},
            **settings.pop("runs", {}),
        }
        held = self.pusher.blob(json.dumps(config).encode())
        body = {
            "schemaVersion": 2,
            "mediaType": DOCKER_MANIFEST,
            "config": {**held, "mediaType": CONFIG},
            "layers": self.layers,
            **settings,
        }
        manifest = json.dumps(body)
        answer = self.pusher.put(manifest, tag, body["mediaType"])
        assert answer.status_code == 201, answer.text
        return digest_of(manifest)


def images_of(cloud: Cloud, repository: str) -> Images:
    """The repository with the layers of the base image and of the program."""
    ecr = cloud.client("ecr")
    uri = ecr.create_repository(repositoryName=repository)["repository"]["repositoryUri"]
    base = Pusher(cloud, "base/debian", cloud.token())
    pusher = Pusher(cloud, repository, cloud.token())
    manifest = base.call("GET", "manifests/bookworm").json()
    config = base.call("GET", f"blobs/{manifest['config']['digest']}").json()
    (layer,) = manifest["layers"]
    pusher.blob(base.call("GET", f"blobs/{layer['digest']}").content)
    plain = Images(pusher, [layer], config["rootfs"]["diff_ids"], uri)
    return plain.with_files({"program.py": PROGRAM})


def tar_of(files: Mapping[str, str]) -> bytes:
    """A tar with these files."""
    output = io.BytesIO()
    with tarfile.open(fileobj=output, mode="w") as tar:
        for name, text in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(text.encode())
            tar.addfile(entry, io.BytesIO(text.encode()))
    return output.getvalue()


def digest_of_bytes(data: bytes) -> str:
    """The digest of bytes."""
    return "sha256:" + hashlib.sha256(data).hexdigest()
