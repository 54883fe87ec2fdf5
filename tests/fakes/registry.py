"""Debian's docker-registry as a process of a test's own, and images made by hand to push there."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from clients.registry import Manifest, Registry
from clients.registry_blobs import open_upload
from tests.ports import free_port

OCI = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
ATTESTATION = {
    "vnd.docker.reference.type": "attestation-manifest",
    "vnd.docker.reference.digest": "sha256:" + "1" * 64,
}


@contextmanager
def docker_registry(folder: Path) -> Iterator[str]:
    """A registry that keeps its storage in `folder`; gives its host and port."""
    program = shutil.which("docker-registry")
    if program is None:
        pytest.fail("docker-registry is not installed; `make setup` installs it")
    port = free_port()
    config = {
        "version": 0.1,
        "storage": {"filesystem": {"rootdirectory": str(folder)}, "delete": {"enabled": True}},
        "http": {"addr": f"127.0.0.1:{port}"},
        "validation": {"manifests": {"urls": {"allow": ["^https://"]}}},
        "log": {"level": "error", "accesslog": {"disabled": True}},
    }
    file = folder / "config.yml"
    file.write_text(json.dumps(config))
    with subprocess.Popen([program, "serve", str(file)], stderr=subprocess.DEVNULL) as server:
        try:
            _wait(f"http://127.0.0.1:{port}/v2/")
            yield f"127.0.0.1:{port}"
        finally:
            server.terminate()


def sha256(body: bytes) -> str:
    """The digest of bytes."""
    return "sha256:" + hashlib.sha256(body).hexdigest()


def push_blob(registry: Registry, body: bytes, kind: str = LAYER, **more: Any) -> dict[str, Any]:
    """Uploads a blob; gives its descriptor."""
    digest = sha256(body)
    place = open_upload(registry)
    query = ("&" if "?" in place else "?") + f"digest={digest}"
    done = registry.http.send("PUT", place + query, registry.path, data=body)
    assert done.status_code == 201, done.text
    return {"mediaType": kind, "digest": digest, "size": len(body), **more}


def push_manifest(
    registry: Registry, document: dict[str, Any], kind: str, name: str = ""
) -> Manifest:
    """Puts a document as a manifest, under its digest or a name."""
    body = json.dumps({"schemaVersion": 2, "mediaType": kind, **document}).encode()
    made = Manifest(body, kind, sha256(body))
    registry.put(made, name or made.digest)
    return made


def push_image(
    registry: Registry, text: str, name: str = "", layers: int = 2, **more: Any
) -> Manifest:
    """An image whose config and layers hold `text`."""
    config = push_blob(registry, json.dumps({"os": "linux", "note": text}).encode(), CONFIG)
    parts = [push_blob(registry, f"{text} {number}".encode()) for number in range(layers)]
    return push_manifest(registry, {"config": config, "layers": parts, **more}, OCI, name)


def push_index(registry: Registry, *children: dict[str, Any], name: str = "") -> Manifest:
    """An index of manifests that are there."""
    return push_manifest(registry, {"manifests": list(children)}, INDEX, name)


def described(manifest: Manifest, **more: Any) -> dict[str, Any]:
    """The descriptor of a manifest."""
    size = len(manifest.body)
    return {"mediaType": manifest.media_type, "digest": manifest.digest, "size": size, **more}


def push_platforms(registry: Registry, text: str, name: str = "") -> Manifest:
    """What buildx makes for two platforms: two images and an attestation of each."""
    children = []
    for machine in ("amd64", "arm64"):
        made = push_image(registry, f"{text} {machine}")
        proof = push_image(registry, f"provenance of {text} {machine}", layers=1)
        platform = {"architecture": machine, "os": "linux"}
        unknown = {"architecture": "unknown", "os": "unknown"}
        notes = {**ATTESTATION, "vnd.docker.reference.digest": made.digest}
        children.append(described(made, platform=platform))
        children.append(described(proof, platform=unknown, annotations=notes))
    return push_index(registry, *children, name=name)


def _wait(url: str) -> None:
    for _ in range(100):
        try:
            requests.get(url, timeout=1)
            return
        except requests.ConnectionError:
            time.sleep(0.05)
    raise AssertionError(f"{url} does not answer")
