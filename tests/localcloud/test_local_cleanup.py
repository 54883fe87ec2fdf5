"""`slipway run` and `slipway cleanup` with a real Docker engine, registry and builder."""

from __future__ import annotations

import json
import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docker
import pytest

from tests.localcloud.cloud import ROOT, Cloud
from tests.localcloud.pusher import Pusher
from tests.localcloud.shop import Shop, answers, local, write_project
from tests.ports import free_port


@pytest.fixture
def engine() -> Any:
    """The SDK of the real engine."""
    return docker.from_env()


@pytest.fixture
def shop(cloud: Cloud, repository: str, tmp_path: Path, engine: Any) -> Iterator[Shop]:
    """The image is built and pushed by plain docker commands, and gone from this machine."""
    cloud.client("ecr").create_repository(repositoryName=f"{repository}/shop")
    host = f"127.0.0.1:{cloud.registry_port}"
    base = f"{host}/base/debian:bookworm"
    write_project(tmp_path, cloud, repository, base)
    user, password = cloud.token()
    login = {"username": user, "password": password}
    engine.images.pull(f"{host}/base/debian", "bookworm", auth_config=login)
    built, _ = engine.images.build(path=str(tmp_path / "services" / "shop"), rm=True)
    name = f"{host}/{repository}/shop"
    for tag in ("1.0.0", "a1b2c3d"):
        built.tag(name, tag)
        for line in engine.api.push(name, tag, auth_config=login, stream=True, decode=True):
            assert "error" not in line, line
    engine.images.remove(built.id, force=True)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    try:
        yield Shop(tmp_path, name, environment)
    finally:
        for each in engine.containers.list(all=True, filters={"label": "slipway.run=shop"}):
            each.remove(force=True)
        for each in engine.images.list():
            for tag in each.tags:
                if tag.startswith(name):
                    engine.images.remove(tag)
        engine.images.remove(base, force=True)


def test_cleanup_removes_what_slipway_run_left_and_nothing_else(
    shop: Shop, engine: Any, cloud: Cloud, repository: str
) -> None:
    cloud.client("s3").create_bucket(
        Bucket="some-bucket", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    port = free_port()
    ran = json.loads(shop.run("run", "shop", "1.0.0", "--port", str(port), "--detach", "--json"))
    assert ran["url"] == f"http://127.0.0.1:{port}"
    assert answers(ran["url"])
    bound = engine.containers.get(ran["container"]).attrs["NetworkSettings"]["Ports"]["8000/tcp"]
    assert bound == [{"HostIp": "127.0.0.1", "HostPort": str(port)}]
    assert local(engine, shop.repository) == [
        f"{shop.repository}:1.0.0",
        f"{shop.repository}@{ran['digest']}",
    ]

    kept = json.loads(shop.run("cleanup", "--stack", "dev", "--json"))
    assert kept["removed"] == []
    assert kept["kept"][f"{shop.repository}:1.0.0"] == [ran["container"]]

    engine.containers.get(ran["container"]).remove(force=True)
    engine.images.get(f"{shop.repository}:1.0.0").tag("slipway-test/mine", "1")
    before = local(engine, "")
    said = shop.run("cleanup", "--stack", "dev", "--dry-run")
    assert f"would remove {shop.repository}:1.0.0" in said
    assert local(engine, "") == before
    shop.run("cleanup", "--stack", "dev")
    after = local(engine, "")
    assert local(engine, shop.repository) == []
    assert [each for each in before if not each.startswith(shop.repository)] == after
    engine.images.remove("slipway-test/mine:1")

    pusher = Pusher(cloud, f"{repository}/shop", cloud.token())
    for tag in ("1.0.0", "a1b2c3d"):
        assert pusher.call("GET", f"manifests/{tag}").status_code == 200, "the registry keeps all"


def test_ctrl_c_stops_and_removes_the_container(shop: Shop, engine: Any) -> None:
    port = free_port()
    command = shop.start("run", "shop", "a1b2c3d", "--port", str(port))
    try:
        assert answers(f"http://127.0.0.1:{port}")
        assert engine.containers.list(filters={"label": "slipway.run=shop"})
        command.send_signal(signal.SIGINT)
        out, err = command.communicate(timeout=30)
    finally:
        command.kill()
    assert f"http://127.0.0.1:{port}" in out
    assert "Traceback" not in err
    assert not engine.containers.list(all=True, filters={"label": "slipway.run=shop"})


def test_a_port_in_use_is_one_message_and_leaves_no_container(shop: Shop, engine: Any) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        command = shop.start("run", "shop", "1.0.0", "--port", port, "--detach")
        _, err = command.communicate(timeout=60)
    assert command.returncode == 1
    assert f"the port {port} of this machine is taken; choose another one with --port" in err
    assert "Traceback" not in err
    assert not engine.containers.list(all=True, filters={"label": "slipway.run=shop"})
