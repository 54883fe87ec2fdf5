"""The offline docker plugin on a real Docker engine, with a registry and images of its own."""

from __future__ import annotations

import io
import os
import subprocess
import tarfile
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import docker
import grpc
import pytest
import requests

from offline.docker.catalogue import PLUGIN
from offline.setup_place import cache_folder
from tests.offline_engine import Engine, State, serving
from tests.ports import free_port

HOST = os.environ.get("DOCKER_HOST") or "unix:///var/run/docker.sock"
BASE = "slipway-offline-docker-tests"
CONTAINER = "docker:index/container:Container"


def engine(config: Mapping[str, Any] | None = None) -> AbstractContextManager[Engine]:
    """An engine that talks to the docker plugin over a real channel."""
    return serving(PLUGIN, {"host": HOST} if config is None else config)


def client() -> Any:
    """A client of the Docker engine at hand; raises DockerException if none answers."""
    api = docker.APIClient(base_url=HOST, version="auto", timeout=120)
    api.ping()
    return api


def import_base(api: Any) -> str:
    """An image with a shell, from the archive that set-up made; gives its id."""
    api.import_image_from_file(str(cache_folder() / "images" / "base.tar"), BASE, "1")
    return str(api.inspect_image(f"{BASE}:1")["Id"])


def push_small(api: Any, registry: str, login: dict[str, str] | None = None) -> str:
    """Pushes an image of one file; gives its name with its digest. No copy stays in the engine."""
    content = uuid.uuid4().bytes
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        member = tarfile.TarInfo("one")
        member.size = len(content)
        tar.addfile(member, io.BytesIO(content))
    name = f"{registry}/small"
    api.import_image_from_data(archive.getvalue(), name, "1")
    for _ in api.push(name, "1", stream=True, auth_config=login):
        pass
    digest = api.inspect_image(f"{name}:1")["RepoDigests"][0]
    api.remove_image(f"{name}:1", force=True)
    return str(digest)


@contextmanager
def registry(folder: Path, login: str = "") -> Iterator[str]:
    """A registry on a free loopback port; gives its address. login: lines of htpasswd."""
    port = free_port()
    auth = ""
    if login:
        (folder / "htpasswd").write_text(login)
        auth = f"auth:\n  htpasswd:\n    realm: tests\n    path: {folder}/htpasswd\n"
    (folder / "config.yml").write_text(
        "version: 0.1\nstorage:\n  filesystem:\n"
        f"    rootdirectory: {folder}/data\nhttp:\n  addr: 127.0.0.1:{port}\n{auth}"
    )
    process = subprocess.Popen(
        ["docker-registry", "serve", str(folder / "config.yml")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(100):
            if answers(port):
                break
            time.sleep(0.1)
        yield f"127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


def answers(port: int) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{port}/v2/", timeout=1).status_code in (200, 401)
    except requests.exceptions.ConnectionError:
        return False


def sleeper(image: str, name: str, **more: Any) -> State:
    """The inputs of a container that sleeps."""
    return {"image": image, "name": name, "command": ["sleep", "600"], **more}


def refusal(asking: Engine, inputs: State) -> str:
    """What is said about a container that can't be made."""
    with pytest.raises(grpc.RpcError) as error:
        asking.create(CONTAINER, "c", inputs)
    details = str(error.value.details())
    assert "defect" not in details
    return details
