"""What clients of a host notice of a deploy: nothing. In order: each test goes on from the last."""

from __future__ import annotations

import time

import pytest

from components.documents.host_spec import HostServiceSpec
from tests.localcloud.cloud import Cloud, Machine
from tests.localcloud.host_estate import HostEstate

SHOP = HostServiceSpec(
    name="book-shop",
    container="dev-app",
    port=8000,
    publish=(8080, 4000),
    health="/healthz",
    timeout=10,
    bake=2,
    drain=5,
)


@pytest.fixture(scope="module")
def estate(cloud: Cloud, machine: Machine) -> HostEstate:
    return HostEstate.of(cloud, machine, "hosts/switch")


def test_a_first_deploy_answers_on_every_published_port(estate: HostEstate) -> None:
    said = estate.deploy(SHOP, "v1")
    assert said.status == "Success", said.text
    assert said.report["outcome"] == "running"
    assert (estate.get(), estate.get(port=4000)) == ("v1", "v1")
    print(said.report["seconds"])


def test_the_operators_commands_name_the_live_release(estate: HostEstate) -> None:
    estate.deploy(SHOP, "v2")
    assert "Up" in estate.inside("docker ps --format '{{.Names}} {{.Status}}' | grep dev-app")
    theirs = estate.inside(
        "docker ps --filter label=slipway.service=book-shop --format '{{.Names}}'"
    )
    assert theirs.split() == ["dev-app"]
    assert "the shop listens: v2" in estate.inside("docker logs dev-app")
    assert "the shop listens: v2" in estate.inside("journalctl -u book-shop.service --no-pager")
    assert "active (running)" in estate.inside("systemctl status book-shop.service")
    assert estate.inside("basename $(readlink /opt/book-shop/current)").startswith("v2-")
    assert "IMAGE_TAG=v2@sha256:" in estate.inside("cat /opt/book-shop/.env")
    estate.inside("systemctl restart book-shop.service")
    time.sleep(1)
    assert estate.get() == "v2"


@pytest.mark.parametrize(
    ("version", "behaviour", "outcome", "answers"),
    [
        ("v3", "good", "running", ["v2", "v3"]),
        ("v2", "good", "running", ["v3", "v2"]),
        ("v4", "sick", "put-back", ["v2"]),
        ("v5", "broken", "put-back", ["v2"]),
        ("v6", "crash:serving0.7", "put-back", ["v2", "v6", "v2"]),
        ("v7", "sickens:serving0.5", "put-back", ["v2", "v7", "v2"]),
    ],
)
def test_no_request_is_lost(
    estate: HostEstate, version: str, behaviour: str, outcome: str, answers: list[str]
) -> None:
    load = estate.load()
    time.sleep(3)
    began = time.time()
    said = estate.deploy(SHOP, version, behaviour)
    ended = time.time()
    time.sleep(1)
    load.stop()
    before, during = load.p99(0, began), load.p99(began, ended)
    print(
        f"{version} {behaviour}: {len(load.seen)} requests, {len(load.failed)} failed, p99 "
        f"{before:.1f} ms before, {during:.1f} ms during; {said.report['seconds']}"
    )
    assert said.report["outcome"] == outcome, said.text
    assert load.failed == []
    assert len(load.seen) > 600
    assert load.versions()[0] == answers[0]
    assert list(dict.fromkeys(load.versions())) == list(dict.fromkeys(answers))
    assert load.versions()[-1] == answers[-1]
    there = estate.inside("docker ps --all --filter name=dev-app --format '{{.Names}}'")
    assert there.split() == ["dev-app"]
