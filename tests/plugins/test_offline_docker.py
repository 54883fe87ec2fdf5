"""Containers of the offline docker plugin on a real Docker engine."""

from __future__ import annotations

from typing import Any

import pytest
from docker.errors import NotFound

from offline.plugin.wire import UNKNOWN
from tests.offline_docker_engine import (
    CONTAINER,
    sleeper,
)
from tests.offline_engine import Engine, Made, State
from tests.ports import free_port


def hardened(image: str, name: str) -> State:
    """The inputs of a container with all that a service asks for."""
    port = {"internal": 80, "external": free_port(), "ip": "127.0.0.1", "protocol": "tcp"}
    return sleeper(
        image,
        name,
        envs=["A=1"],
        labels=[{"label": "app", "value": "x"}],
        memory=64,
        capabilities={"drops": ["ALL"]},
        securityOpts=["no-new-privileges:true"],
        logDriver="json-file",
        logOpts={"max-size": "10m"},
        readOnly=True,
        user="nobody",
        init=True,
        restart="unless-stopped",
        destroyGraceSeconds=1,
        mounts=[{"target": "/scratch", "type": "tmpfs"}],
        volumes=[{"containerPath": "/data", "volumeName": f"{name}-data"}],
        ports=[port],
    )


def test_a_container_is_made_as_asked_read_as_it_is_and_gone(
    docker_api: Any, docker_asking: Engine, base_image: str, container_name: str
) -> None:
    inputs = hardened(base_image, container_name)
    made = docker_asking.create(CONTAINER, "c", inputs)
    told = docker_api.inspect_container(container_name)
    assert told["Id"] == made.id
    assert told["HostConfig"]["CapDrop"] == ["ALL"]
    assert told["HostConfig"]["ReadonlyRootfs"] is True
    assert told["HostConfig"]["RestartPolicy"]["Name"] == "unless-stopped"
    assert "A=1" in told["Config"]["Env"]
    assert [each["networkName"] for each in made.state["networkDatas"]] == ["bridge"]
    assert docker_asking.changed(made, inputs) == []
    again = docker_asking.read(made)
    assert again is not None
    assert (again.state, again.inputs) == (made.state, made.inputs)
    docker_asking.delete(made)
    assert docker_asking.read(made) is None
    docker_asking.delete(made)
    docker_api.remove_volume(f"{container_name}-data")


def test_limits_and_the_restart_policy_change_in_place(
    docker_api: Any, docker_asking: Engine, base_image: str, container_name: str
) -> None:
    inputs = sleeper(base_image, container_name, memory=64)
    made = docker_asking.create(CONTAINER, "c", inputs)
    limited = {**inputs, "memory": 128, "memorySwap": 256, "restart": "always"}
    assert list(docker_asking.diff(made, limited).replaces) == []
    made = docker_asking.update(made, limited)
    told = docker_api.inspect_container(container_name)
    assert told["Id"] == made.id
    assert told["HostConfig"]["Memory"] == 128 * 1024 * 1024
    assert told["HostConfig"]["RestartPolicy"]["Name"] == "always"
    assert docker_asking.changed(made, limited) == []


@pytest.mark.parametrize(
    ("property_", "value"),
    [
        ("image", "sha256:other"),
        ("envs", ["B=2"]),
        ("ports", [{"internal": 81}]),
        ("labels", [{"label": "app", "value": "y"}]),
        ("command", ["sleep", "1"]),
        ("user", "root"),
    ],
)
def test_a_change_that_docker_cannot_make_replaces_and_frees_the_name_first(
    docker_asking: Engine, property_: str, value: Any
) -> None:
    state = {"image": "sha256:one", "name": "fixed", "networkMode": "bridge", "mustRun": True}
    state |= {"restart": "no", "start": True, "removeVolumes": True, "waitTimeout": 60}
    made = Made(CONTAINER, "c", "id", state, state)
    difference = docker_asking.diff(
        made, {"image": "sha256:one", "name": "fixed", property_: value}
    )
    assert list(difference.replaces) == [property_]
    assert difference.deleteBeforeReplace, "two containers can't have one name"


def test_a_container_answers_on_its_port_once_it_is_healthy(
    docker_asking: Engine, base_image: str, container_name: str
) -> None:
    port = free_port()
    check = {"tests": ["CMD-SHELL", "test -e /tmp/well"], "interval": "1s", "retries": 3}
    inputs = {
        **sleeper(base_image, container_name, healthcheck=check, wait=True, waitTimeout=20),
        "command": ["sh", "-c", "sleep 1; touch /tmp/well; exec sleep 600"],
        "ports": [{"internal": 80, "external": port, "ip": "127.0.0.1"}],
    }
    made = docker_asking.create(CONTAINER, "c", inputs)
    assert made.state["healthcheck"]["interval"] == "1s"
    assert (
        docker_asking.changed(made, {**inputs, "healthcheck": {**check, "interval": "1000ms"}})
        == []
    )
    again = docker_asking.diff(made, {**inputs, "healthcheck": {**check, "interval": "2s"}})
    assert list(again.replaces) == ["healthcheck"]


def test_a_stopped_container_is_seen_by_a_refresh_and_started_by_the_next_update(
    docker_api: Any, docker_asking: Engine, base_image: str, container_name: str
) -> None:
    inputs = sleeper(base_image, container_name, destroyGraceSeconds=1)
    made = docker_asking.create(CONTAINER, "c", inputs)
    docker_api.stop(container_name, timeout=0)
    seen = docker_asking.read(made)
    assert seen is not None
    difference = docker_asking.diff(seen, inputs)
    assert (list(difference.diffs), list(difference.replaces)) == (["mustRun"], [])
    docker_asking.update(seen, inputs)
    assert docker_api.inspect_container(container_name)["State"]["Running"]


def test_a_container_made_by_a_name_of_an_image_has_no_diff_for_it(
    docker_api: Any, docker_asking: Engine, base_image: str, container_name: str
) -> None:
    docker_api.tag(base_image, "slipway-offline-docker-named", "1")
    inputs = sleeper("slipway-offline-docker-named:1", container_name)
    made = docker_asking.create(CONTAINER, "c", inputs)
    seen = docker_asking.read(made)
    assert seen is not None
    assert docker_asking.changed(seen, inputs) == []
    docker_api.remove_image("slipway-offline-docker-named:1", force=True)


def test_a_container_joins_networks_of_its_own_and_leaves_the_default_one(
    docker_api: Any, docker_asking: Engine, base_image: str, container_name: str
) -> None:
    network = docker_api.create_network(f"{container_name}-net")["Id"]
    try:
        wanted = [{"name": f"{container_name}-net", "aliases": ["web"]}]
        made = docker_asking.create(
            CONTAINER, "c", sleeper(base_image, container_name, networksAdvanced=wanted)
        )
        assert [each["networkName"] for each in made.state["networkDatas"]] == [
            f"{container_name}-net"
        ]
        docker_asking.delete(made)
    finally:
        docker_api.remove_network(network)


def test_a_preview_knows_the_inputs_and_makes_nothing(
    docker_api: Any, docker_asking: Engine, base_image: str, container_name: str
) -> None:
    state = docker_asking.preview(CONTAINER, "c", sleeper(base_image, container_name))
    assert state["name"] == container_name
    assert state["networkDatas"] is UNKNOWN
    with pytest.raises(NotFound):
        docker_api.inspect_container(container_name)


def test_a_container_that_was_only_made_tells_no_ports_and_ignored_ones_are_no_change(
    docker_asking: Engine, base_image: str, container_name: str
) -> None:
    inputs = {**hardened(base_image, container_name), "start": False, "mustRun": False}
    made = docker_asking.create(CONTAINER, "c", inputs)
    assert made.state["ports"] == []
    assert docker_asking.changed(made, inputs) == ["ports"]
    assert list(docker_asking.diff(made, inputs, ignored=["ports"]).diffs) == []
    docker_asking.delete(made)
