"""What the offline docker plugin says when a container can't be had, and what it leaves."""

from __future__ import annotations

from typing import Any

import grpc
import pytest
from docker.errors import NotFound

from tests.offline_docker_engine import (
    CONTAINER,
    refusal,
    sleeper,
)
from tests.offline_engine import Engine, Made
from tests.ports import free_port


def test_a_container_that_does_not_get_healthy_fails_and_fails_again_at_the_next_update(
    docker_api: Any, docker_asking: Engine, base_image: str, container_name: str
) -> None:
    check = {"tests": ["CMD-SHELL", "echo nobody home; exit 1"], "interval": "1s", "retries": 1}
    inputs = sleeper(base_image, container_name, healthcheck=check, wait=True, waitTimeout=3)
    said = refusal(docker_asking, inputs)
    assert f"container '{container_name}' was not healthy within 3 s" in said
    assert "nobody home" in said
    told = docker_api.inspect_container(container_name)
    made = Made(CONTAINER, "c", told["Id"], inputs, inputs)
    with pytest.raises(grpc.RpcError) as error:
        docker_asking.update(made, inputs)
    assert "was not healthy" in error.value.details()


def test_waiting_without_a_health_check_is_refused_in_words(
    docker_asking: Engine, base_image: str, container_name: str
) -> None:
    assert "has no health check to wait for" in refusal(
        docker_asking, sleeper(base_image, container_name, wait=True)
    )


def test_a_container_that_ends_at_once_is_named_and_leaves_nothing(
    docker_api: Any, docker_asking: Engine, base_image: str, container_name: str
) -> None:
    said = refusal(
        docker_asking, {**sleeper(base_image, container_name), "command": ["sh", "-c", "exit 7"]}
    )
    assert f"container '{container_name}' ended right after its start with exit code 7" in said
    with pytest.raises(NotFound):
        docker_api.inspect_container(container_name)


def test_a_taken_port_is_named_and_the_name_stays_free(
    docker_api: Any, docker_asking: Engine, base_image: str, container_name: str
) -> None:
    ports = [{"internal": 80, "external": free_port(), "ip": "127.0.0.1"}]
    first = docker_asking.create(CONTAINER, "c", sleeper(base_image, container_name, ports=ports))
    said = refusal(docker_asking, sleeper(base_image, f"{container_name}-2", ports=ports))
    assert "port is already allocated" in said
    assert "docker ps" in said
    with pytest.raises(NotFound):
        docker_api.inspect_container(f"{container_name}-2")
    said = refusal(docker_asking, sleeper(base_image, container_name))
    assert "remove that container, or choose another name" in said
    docker_asking.delete(first)
