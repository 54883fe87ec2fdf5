"""A docker-registry of the benchmark's own, whose access log says what clients really did."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import tarfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import requests

from clients.registry_names import base_url
from tests.ports import free_port

MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
CONFIG = "application/vnd.docker.container.image.v1+json"
LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"
BASE_BYTES, OWN_BYTES = 4 << 20, 1 << 20
# Apache's combined log format.
_LINE = re.compile(r'"(?P<method>[A-Z]+) (?P<path>\S+) HTTP/[\d.]+" (?P<status>\d+) (?P<bytes>\d+)')


@dataclass(frozen=True, kw_only=True)
class Traffic:
    """What a registry was asked meanwhile."""

    requests: int
    """All of them."""
    layer_bytes: int
    """Bytes of blobs that it sent."""
    uploads: int
    """Blobs that were sent to it."""


@dataclass(frozen=True)
class ScratchRegistry:
    """A running one."""

    host: str
    log: Path

    def push(self, repository: str, base: bytes, own: bytes, tag: str) -> str:
        """Pushes an image of two layers; gives its digest."""
        layers = [_layer("base", base), _layer("own", own)]
        diff_ids = [_sha256(gzip.decompress(each)) for each in layers]
        rootfs = {"type": "layers", "diff_ids": diff_ids}
        config = json.dumps({"architecture": "amd64", "os": "linux", "rootfs": rootfs}).encode()
        document = {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": self._blob(repository, config, CONFIG),
            "layers": [self._blob(repository, each, LAYER) for each in layers],
        }
        body = json.dumps(document).encode()
        url = f"{base_url(self.host)}/v2/{repository}/manifests/{tag}"
        _check(requests.put(url, data=body, headers={"Content-Type": MANIFEST}, timeout=60))
        return _sha256(body)

    @contextmanager
    def traffic(self) -> Iterator[list[Traffic]]:
        """What it was asked within the block, in a list of one at the block's end."""
        before, found = len(self.log.read_text()), list[Traffic]()
        yield found
        time.sleep(0.2)  # for the last line
        lines = list(_LINE.finditer(self.log.read_text()[before:]))
        sent = [line for line in lines if line["method"] == "GET" and "/blobs/" in line["path"]]
        uploads = [line for line in lines if line["method"] == "PATCH"]
        found.append(
            Traffic(
                requests=len(lines),
                layer_bytes=sum(int(line["bytes"]) for line in sent),
                uploads=len(uploads),
            )
        )

    def _blob(self, repository: str, body: bytes, kind: str) -> dict[str, object]:
        digest = _sha256(body)
        url = f"{base_url(self.host)}/v2/{repository}/blobs/uploads/"
        place = _check(requests.post(url, timeout=60)).headers["Location"]
        and_so = "&" if urlsplit(place).query else "?"
        _check(requests.put(f"{place}{and_so}digest={digest}", data=body, timeout=60))
        return {"mediaType": kind, "digest": digest, "size": len(body)}


@contextmanager
def running() -> Iterator[ScratchRegistry]:
    """A registry on a free port, gone with its storage at the end."""
    program = shutil.which("docker-registry")
    if program is None:
        raise RuntimeError("docker-registry is not installed; `make setup` installs it")
    with TemporaryDirectory(prefix="slipway-bench-") as folder:
        host = f"127.0.0.1:{free_port()}"
        config, log = Path(folder) / "config.json", Path(folder) / "access.log"
        storage = {"filesystem": {"rootdirectory": folder}}
        http = {"addr": host}
        config.write_text(
            json.dumps(
                {"version": 0.1, "log": {"level": "error"}, "storage": storage, "http": http}
            )
        )
        argv = [program, "serve", str(config)]
        env = {**os.environ, "OTEL_TRACES_EXPORTER": "none"}
        with (
            log.open("w") as output,
            subprocess.Popen(  # noqa: S603
                argv, stdout=output, stderr=subprocess.DEVNULL, env=env
            ) as server,
        ):
            try:
                _wait(host)
                yield ScratchRegistry(host, log)
            finally:
                server.terminate()


def _wait(host: str) -> None:
    for _ in range(100):
        try:
            requests.get(f"{base_url(host)}/v2/", timeout=1)
            return
        except requests.ConnectionError:
            time.sleep(0.05)
    raise RuntimeError(f"the registry at {host} does not answer")


def _layer(name: str, content: bytes) -> bytes:
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as tar:
        entry = tarfile.TarInfo(name)
        entry.size = len(content)
        tar.addfile(entry, io.BytesIO(content))
    return gzip.compress(plain.getvalue(), compresslevel=1, mtime=0)


def _check(answer: requests.Response) -> requests.Response:
    answer.raise_for_status()
    return answer


def _sha256(body: bytes) -> str:
    return "sha256:" + hashlib.sha256(body).hexdigest()
