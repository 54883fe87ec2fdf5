"""What a container of a Docker engine registers, property by property."""

from __future__ import annotations

import re
from typing import Any

import pulumi
import pytest

from components.docker_engine import DockerEngine, DockerEngineArgs
from components.docker_service import DockerService, DockerServiceArgs
from components.documents.container import DockerServiceSpec
from tests.engine import Recording, build, outputs_of
from tests.unit.test_components_ecs import DIGEST, image

REF = f"127.0.0.1:4510/local/backend:v1@{DIGEST}"
CONTAINER = "docker:index/container:Container"
IMAGE = "docker:index/remoteImage:RemoteImage"
PROVIDER = "pulumi:providers:docker"
NAME = "rollout:index:DockerName"
ROLLOUT = "rollout:index:DockerRollout"


def program(
    *, name: str = "web", engine: dict[str, Any] | None = None, ref: str = REF, **service: Any
) -> DockerService:
    return DockerService(
        name,
        DockerServiceArgs(
            stack="dev",
            service=DockerServiceSpec(**{"name": "web", "port": 3000, **service}),
            image=image(ref),
            engine=DockerEngine(f"{name}-engine", DockerEngineArgs(**(engine or {}))),
        ),
    )


def web(*, preview: bool = False, **values: Any) -> Recording:
    return build(lambda: outputs_of(program(**values)), preview=preview)


def test_every_child_has_a_component_as_parent_and_a_name_that_begins_like_its_own() -> None:
    recording = web()
    names = {each.urn: each.name for each in recording.components()}

    for child in recording.resources:
        if child.custom:
            assert child.parent in names, child.urn
            assert child.name.startswith(names[child.parent]), child.urn
    for component in recording.components():
        assert recording.registered_outputs.get(component.urn), component.urn


def test_two_containers_live_in_one_stack() -> None:
    recording = build(lambda: [program().digest, program(name="other").digest])

    assert len(recording.of(CONTAINER)) == 2


def test_a_preview_registers_everything_that_the_update_does() -> None:
    previewed, done = web(preview=True), web()

    assert {each.urn for each in previewed.resources} == {each.urn for each in done.resources}


def test_an_image_is_pulled_by_digest_and_stays_when_its_container_goes() -> None:
    made = web().one(IMAGE)

    assert made.inputs == {"name": f"127.0.0.1:4510/local/backend@{DIGEST}", "keepLocally": True}
    assert web(ref=REF.replace(":v1@", ":v2@")).one(IMAGE).inputs == made.inputs


def test_a_container_is_confined() -> None:
    made = web(memory=256).one(CONTAINER).inputs

    assert made["image"] == "sha256:" + "1" * 64, "the very image that was pulled"
    assert made["securityOpts"] == ["no-new-privileges:true"]
    assert made["capabilities"] == {"drops": ["ALL"]}
    assert (made["memory"], made["memorySwap"]) == (256, 256)
    assert (made["logDriver"], made["logOpts"]) == (
        "json-file",
        {"max-size": "10m", "max-file": "3"},
    )
    assert made["restart"] == "unless-stopped"
    assert made["init"] is True
    assert made["name"] == "web-0a1b2c3d"


def test_a_container_is_made_for_the_rollout_to_start_and_found_by_its_label() -> None:
    recording = web()
    made = recording.one(CONTAINER).inputs
    rollout = recording.one(ROLLOUT).inputs

    assert (made["start"], made["mustRun"], made["wait"]) == (False, False, False)
    owner = f"{pulumi.get_project()}/dev/web"
    assert made["labels"] == [{"label": "slipway.service", "value": owner}]
    assert rollout["owner"] == recording.one(NAME).inputs["owner"] == owner
    assert rollout["container"] == "web-container-127.0.0.1-3000-id"
    assert (rollout["image"], rollout["digest"]) == (REF, DIGEST)


def test_whatever_a_container_is_made_of_gives_it_another_name() -> None:
    def settings(**values: Any) -> str:
        return str(web(**values).one(NAME).inputs["settings"])

    first = settings()
    for changed in (
        {"environment": {"A": "1"}},
        {"memory": 256},
        {"publish": 8080},
        {"open": True},
        {"health": "/healthz"},
        {"volumes": ("data:/data",)},
    ):
        assert settings(**changed) != first, changed
    assert settings(timeout=90, drain=5) == first, "these are the rollout's own"


def test_another_address_is_another_resource_since_the_provider_can_not_see_ports() -> None:
    assert web().one(CONTAINER).name == "web-container-127.0.0.1-3000"
    assert web(open=True, publish=80).one(CONTAINER).name == "web-container-0.0.0.0-80"
    assert web(port=None).one(CONTAINER).name == "web-container"


@pytest.mark.parametrize(
    ("values", "ip"),
    [({}, "127.0.0.1"), ({"open": True}, "0.0.0.0")],  # noqa: S104 -- the one that is asked for
)
def test_a_port_is_for_this_machine_unless_it_is_open(values: dict[str, Any], ip: str) -> None:
    made = web(publish=8080, **values).one(CONTAINER).inputs

    assert made["ports"] == [{"internal": 3000, "external": 8080, "ip": ip, "protocol": "tcp"}]


def test_it_is_waited_for_until_healthy_if_there_is_a_check() -> None:
    recording = web(health="/healthz", timeout=33, grace=7, drain=5)
    check = recording.one(CONTAINER).inputs["healthcheck"]
    rollout = recording.one(ROLLOUT).inputs

    assert (rollout["timeout"], rollout["drain"]) == (33, 5)
    assert check["tests"][4:] == ["probe", "http://127.0.0.1:3000/healthz"]
    assert {key: check[key] for key in ("interval", "timeout", "startPeriod", "retries")} == {
        "interval": "5s",
        "timeout": "4s",
        "startPeriod": "7s",
        "retries": 3,
    }
    assert "healthcheck" not in web().one(CONTAINER).inputs


def test_variables_are_sorted_and_volumes_are_named_after_the_service() -> None:
    made = web(environment={"B": "2", "A": "1"}, volumes=("data:/data",)).one(CONTAINER).inputs

    assert made["envs"] == ["A=1", "B=2"]
    assert made["volumes"] == [{"volumeName": "web-data", "containerPath": "/data"}]


def test_the_engine_logs_in_without_a_secret() -> None:
    made = web(engine={"host": "ssh://ops@vm.example", "registries": ["r.example:5000"]})
    inputs = made.one(PROVIDER).inputs

    assert inputs["host"] == "ssh://ops@vm.example"
    assert inputs["registryAuth"] == '[{"address": "r.example:5000"}]'
    assert made.result["url"] == "http://127.0.0.1:3000"


@pytest.mark.parametrize(
    ("host", "is_open", "expected"),
    [
        ("unix:///var/run/docker.sock", True, "http://127.0.0.1:3000"),
        ("ssh://ops@vm.example", True, "http://vm.example:3000"),
        ("tcp://192.0.2.1:2376", False, "http://127.0.0.1:3000"),
    ],
)
def test_its_address_is_where_it_can_be_reached(host: str, is_open: bool, expected: str) -> None:
    assert web(engine={"host": host}, open=is_open).result["url"] == expected


def test_it_gives_back_what_runs() -> None:
    result = web().result

    assert result["digest"] == DIGEST
    assert result["verdict"] == f"running {DIGEST}"
    assert result["container_name"] == "web-0a1b2c3d"
    assert result["version"] == "v1"
    assert "url" not in web(port=None).result


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"port": None, "publish": 8080}, "`publish` needs `port`"),
        ({"port": None, "health": "/"}, "`health` needs `port`"),
        ({"port": 70000}, "70000 is not a port"),
        ({"publish": 0}, "0 is not a port"),
        ({"health": "healthz"}, "is not a health path"),
        ({"volumes": ("/etc:/etc",)}, "is not a volume"),
        ({"volumes": ("a:/b/../c",)}, "a path without .."),
        ({"memory": 1}, "memory 1 MiB"),
        ({"environment": {"A-B": "1"}}, "is not a variable"),
    ],
)
def test_what_docker_would_refuse_is_refused_at_once(values: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        DockerServiceSpec(**{"name": "web", "port": 3000, **values})
