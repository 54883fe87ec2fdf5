"""A stack for `slipway status`: AWS and Docker are values, the bucket is in memory."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest

from cli import service_choice, status, status_docker, status_hosts
from clients import ecs, ecs_tasks, lambda_, machines, ssm, task_definitions
from clients.aws import AwsAccess
from clients.docker_container import container_of
from clients.ecs import EcsDeployment, EcsService
from clients.ecs_tasks import EcsContainer, EcsTask
from clients.lambda_ import Alias, Function
from clients.machines import Machine
from clients.ssm import Command, Invocation
from clients.ssm_agents import Agent
from clients.task_definitions import DefinedContainer
from infra.settings import Settings, read_settings
from tests.fakes.bucket import store, use
from tests.fakes.records import D1, image, pointer_to, record, service

REF = "127.0.0.1:4510/prod/shop:v1.2.0"
CONFIG = {
    "aws:region": "eu-west-1",
    "slipway:bundles": '{"bucket": "acme-deploys"}',
    "slipway:host": '{"instances": {"tag": "role=app"}}',
    "slipway:services": """{
        "shop": {"target": "host", "port": 8000},
        "api": {"target": "ecs", "port": 3000},
        "mail": {"target": "lambda"},
        "web": {"target": "docker", "port": 80}
    }""",
}


class World:
    """What there is; change it, then ask."""

    def __init__(self) -> None:
        self.machines = [Machine(id="i-1", state="running"), Machine(id="i-2", state="running")]
        self.agents = {each: Agent(ping="Online", version="3.3.1") for each in ("i-1", "i-2")}
        self.outputs = {each: report(D1) for each in ("i-1", "i-2")}
        self.statuses: dict[str, str] = {}
        self.sent: list[Command] = []
        self.hash: str | None = "f" * 64
        self.service: EcsService | None = ecs_service()
        self.defined = f"{REF}@{D1}"
        self.tasks = [task(D1)]
        self.alias: Alias | None = Alias(name="live", version="4", shared={}, revision="r")
        self.function = function(D1)
        self.containers = [container()]
        self.digests = {"127.0.0.1:4510/prod/shop": [D1]}
        self.children: dict[str, frozenset[str]] = {}
        self.settings: Settings = read_settings("slipway", "prod", CONFIG)

    def deployed(self, **digests: str) -> None:
        """Records what is deployed, every service with D1 if nothing else is said."""
        entries = {
            name: service(digests.get(name, D1), version="v1.2.0")
            for name in self.settings.services
        }
        made = record(version="v1.2.0", images={"shop": image()}, services=entries)
        store().open(made)
        store().move(pointer_to(made), None)


def report(digest: str, outcome: str = "running", service: str = "shop", more: str = "") -> str:
    return (
        f'{{"slipway": 1, "service": "{service}", "outcome": "{outcome}", '
        f'"digest": "{digest}", "version": "v1.2.0", "detail": ""{more}}}'
    )


def ecs_service(**values: Any) -> EcsService:
    deployment = EcsDeployment(
        id="ecs-svc/1", primary=True, task_definition="arn:x/prod-api:7", desired=1, running=1,
        pending=0, failed=0, state=values.pop("state", "COMPLETED"), reason="why",
        created="2026-11-21T07:00:00.000Z",
    )  # fmt: skip
    plain: dict[str, Any] = {
        "arn": "arn:x",
        "name": "prod-api",
        "cluster": "c",
        "task_definition": "arn:x/prod-api:7",
        "desired": 1,
        "running": 1,
        "pending": 0,
        "deployments": (deployment,),
        "events": ("id-1 (service prod-api) has reached a steady state.",),
    }
    return EcsService(**(plain | values))


def task(digest: str, health: str = "HEALTHY", asked: str = D1) -> EcsTask:
    made = EcsContainer(
        name="api", image=f"{REF}@{asked}", digest=digest, status="RUNNING", health=health,
        exit_code=None, reason="",
    )  # fmt: skip
    return EcsTask(
        arn="arn:x/t1", task_definition="arn:x/prod-api:7", started_by="ecs-svc/1",
        status="RUNNING", health=health, stopped="", containers=(made,),
    )  # fmt: skip


def function(digest: str, state: str = "Active") -> Function:
    return Function(
        name="prod-mail", version="4", image=REF, digest=digest, code_sha256="", revision="r",
        state=state, update="Successful", reason="no image", modified="2026-11-21T07:00:00Z",
    )  # fmt: skip


def container(state: str = "running", **more: Any) -> Any:
    return container_of(
        {
            "Id": more.pop("id", "c1"),
            "Name": "/web-0a1b2c3d",
            "Image": "sha256:config",
            "Config": {"Labels": {"slipway.service": "slipway/prod/web"}},
            "HostConfig": {},
            "State": {"Status": state, "StartedAt": "2026-11-21T07:00:00.1Z", **more},
        }
    )


class FakeDocker:
    """`clients.docker_containers.DockerContainers` of the world."""

    world: World

    def __init__(self, host: str) -> None:
        self.host = host

    def of_owner(self, owner: str) -> list[Any]:
        assert owner == "slipway/prod/web"
        return self.world.containers

    def digests(self, image_id: str) -> dict[str, list[str]]:
        return self.world.digests


def problems(slipway: Any, code: int = 1) -> dict[str, str]:
    """By service and place."""
    ran = slipway("status", "prod", "--json")
    assert ran.code == code, ran.out + ran.err
    document = json.loads(ran.out)
    found = {f"{e['seen']['service']} {e['seen']['where']}": e for e in document["services"]}
    return {name: each["problem"] for name, each in found.items() if each["problem"]}


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    """A stack `prod` with a service on each target."""
    made = World()
    use(monkeypatch)
    monkeypatch.delenv("DOCKER_HOST", raising=False)

    def send(access: AwsAccess, command: Command) -> str:
        made.sent.append(command)
        return "command"

    def wait(access: AwsAccess, command_id: str, instances: Any, **_: Any) -> dict[str, Invocation]:
        return {
            each: Invocation(
                instance=each, status=made.statuses.get(each, "Success"), code=0,
                stdout=made.outputs[each],
            )
            for each in instances
        }  # fmt: skip

    def opened(name: str) -> SimpleNamespace:
        if name != "prod":
            raise ValueError(f"there is no stack file Pulumi.{name}.yaml; allowed: prod")
        access = AwsAccess(region="eu-west-1", profile="acme")
        return SimpleNamespace(
            settings=made.settings, access=access, records=store(), keychain=None
        )

    for module in (status, service_choice):
        monkeypatch.setattr(module, "open_stack", opened)
    monkeypatch.setattr(status, "_children", lambda o, e, d: made.children.get(d, frozenset()))
    monkeypatch.setattr(machines, "tagged", lambda access, tag: made.machines)
    monkeypatch.setattr(status_hosts, "agents", lambda access, ids: made.agents)
    monkeypatch.setattr(status_hosts, "document_hash", lambda access, name: made.hash)
    monkeypatch.setattr(ssm, "send", send)
    monkeypatch.setattr(ssm, "wait", wait)
    monkeypatch.setattr(ecs, "service", lambda *_: made.service)
    monkeypatch.setattr(ecs_tasks, "of_service", lambda *_, **__: made.tasks)
    monkeypatch.setattr(
        task_definitions,
        "containers",
        lambda *_: [
            DefinedContainer(
                name="api", image=made.defined, essential=True, checked=True, log_group=None,
                log_prefix="",
            )
        ],
    )  # fmt: skip
    monkeypatch.setattr(lambda_, "alias", lambda *_: made.alias)
    monkeypatch.setattr(lambda_, "function", lambda *_: made.function)
    fake = type("FakeDockerOf", (FakeDocker,), {"world": made})
    monkeypatch.setattr(status_docker, "DockerContainers", fake)
    return made
