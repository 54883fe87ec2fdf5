"""The names that commands look for are those that the components give."""

from __future__ import annotations

from typing import Any

import pytest

from clients.docker_container import OWNER as LOOKED_FOR
from components.docker_service import OWNER
from components.lambda_service import ALIAS
from infra import cloud_services, places
from infra.places import DockerPlace, EcsPlace, HostPlace, LambdaPlace, place_of
from infra.settings import read_settings
from tests.fakes.status_stack import CONFIG

SETTINGS = read_settings("slipway", "prod", CONFIG)


def changed(**values: str) -> Any:
    keys = {f"slipway:{name}": value for name, value in values.items()}
    return read_settings("slipway", "prod", CONFIG | keys)


def test_constants_are_those_of_the_components() -> None:
    assert (places.ALIAS, places.OWN_ENGINE) == (ALIAS, cloud_services.OWN_ENGINE)
    assert LOOKED_FOR == OWNER


def test_every_target_has_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    assert place_of(SETTINGS, "shop") == HostPlace(
        name="shop", kind="service", tag=("role", "app"), document="slipway-deploy-prod"
    )
    assert place_of(SETTINGS, "api") == EcsPlace(
        name="api",
        cluster="slipway-prod",
        resource="prod-api",
        rule=None,
        log_group="/slipway/prod/api",
    )
    assert place_of(SETTINGS, "mail") == LambdaPlace(
        name="mail", function="prod-mail", alias="live", log_group="/aws/lambda/prod-mail"
    )
    assert place_of(SETTINGS, "web") == DockerPlace(
        name="web", engine="unix:///var/run/docker.sock", owner="slipway/prod/web"
    )


def test_a_machine_of_our_own_is_found_by_its_name() -> None:
    own = changed(host='{"create": true}')
    assert place_of(own, "shop").tag == ("Name", "slipway-prod-host")  # type: ignore[union-attr]


def test_a_scheduled_task_is_its_rule_and_a_shared_cluster_is_named() -> None:
    clock = '{"api": {"target": "ecs", "schedule": "rate(5 minutes)", "cluster": "shared"}}'
    place = place_of(changed(services=clock), "api")
    assert isinstance(place, EcsPlace)
    assert (place.rule, place.cluster) == ("prod-api", "shared")


def test_the_engine_is_that_of_the_stack_file_else_of_the_shell(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///run/other.sock")
    place = place_of(SETTINGS, "web")
    assert isinstance(place, DockerPlace)
    assert place.engine == "unix:///run/other.sock"
    said = place_of(changed(docker='{"host": "tcp://10.0.0.1:2376"}'), "web")
    assert isinstance(said, DockerPlace)
    assert said.engine == "tcp://10.0.0.1:2376"
