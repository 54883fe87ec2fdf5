"""`slipway status`, `logs` and `shell` on a real estate with every target: what they say is so.

The tests stand on each other, in this order.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import docker
import pytest

from tests.estate import Estate, Ran
from tests.ports import free_port

STACK = "seen"
CLUSTER = f"slipway-{STACK}"
WEB = "slipway-e2e-seen"
SERVICES = ("atta", "backend", "book-shop", "notifier", WEB)
WRITES = ("builds", "registry_writes", "s3_writes", "ecs_deployments", "lambda_invocations")


@pytest.fixture(scope="module")
def slipway(estate: Estate, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The slipway folder of a monorepo whose services are deployed to every target."""
    top = estate.checkout(
        tmp_path_factory.mktemp("seen") / "monorepo", ("atta", "backend", "book-shop", "notifier")
    )
    document: dict[str, Any] = {
        "book-shop": {"target": "host", "port": 8000, "publish": 8080, "health": "/healthz"},
        "atta": {"target": "host", "job": True, "volumes": ["output:/app/output"]},
        "backend": {
            "target": "ecs",
            "port": 3000,
            "health": "/healthz",
            "timeout": 60,
            "grace": 0,
            "read_only": False,
        },
        "notifier": {"target": "lambda", "smoke": {"ping": True}},
        WEB: {
            "target": "docker",
            "image": "book-shop",
            "port": 8000,
            "publish": free_port(),
            "health": "/healthz",
        },
    }
    estate.write_stack(
        top,
        STACK,
        registry={"kind": "ecr", "repository": "seen/{image}", "create": True},
        bundles={"bucket": "slipway-seen-deploys"},
        services=document,
    )
    log_in(estate, tmp_path_factory.mktemp("docker"))
    estate.up(stack=STACK, cwd=top / "deploy").ok()
    yield top / "deploy"
    for each in containers():
        each.remove(force=True)


def log_in(estate: Estate, folder: Path) -> None:
    """As `aws ecr get-login-password | docker login` does, in a configuration of its own."""
    token = estate.client("ecr").get_authorization_token()["authorizationData"][0]
    host = token["proxyEndpoint"].partition("//")[2]
    auths = {"auths": {host: {"auth": token["authorizationToken"]}}}
    (folder / "config.json").write_text(json.dumps(auths))
    (folder / "cli-plugins").symlink_to(Path.home() / ".docker" / "cli-plugins")
    estate.environment["DOCKER_CONFIG"] = str(folder)


def containers() -> list[Any]:
    label = f"slipway.service=slipway/{STACK}/{WEB}"
    found: list[Any] = docker.from_env().containers.list(all=True, filters={"label": label})
    return found


def cli(estate: Estate, slipway: Path, *words: str) -> Ran:
    return estate.run(".venv/bin/python", "-m", "cli.app", *words, cwd=slipway)


def rows(estate: Estate, slipway: Path, code: int) -> dict[str, dict[str, Any]]:
    """The rows of `slipway status --json` by service, if it ended with that code."""
    ran = cli(estate, slipway, "status", STACK, "--json")
    assert ran.code == code, ran.text
    document = json.loads(ran.text)
    assert document["agrees"] is (code == 0)
    return {each["seen"]["service"]: each for each in document["services"]}


def problems(estate: Estate, slipway: Path, code: int) -> dict[str, str]:
    found = rows(estate, slipway, code)
    return {name: each["problem"] for name, each in found.items() if each["problem"]}


def until(agrees: Callable[[], bool], seconds: float = 90) -> None:
    end = time.monotonic() + seconds
    while not agrees():
        assert time.monotonic() < end, "it did not come back in time"
        time.sleep(1)


def test_what_runs_on_every_target_is_as_recorded(estate: Estate, slipway: Path) -> None:
    text = cli(estate, slipway, "status", STACK).ok()
    assert "all 5 as recorded" in text
    lines = text.splitlines()
    assert [line.split()[0] for line in lines[1:6]] == sorted(SERVICES)
    found = rows(estate, slipway, 0)
    outputs = estate.pulumi("stack", "output", "--json", "--stack", STACK, cwd=slipway).ok()
    deployed = json.loads(outputs)["services"]
    for name in SERVICES:
        assert found[name]["seen"]["digest"] == deployed[name]["digest"]
    (instance,) = estate.instances()
    shop = found["book-shop"]["seen"]
    assert (shop["where"], shop["state"]) == (instance, "running")
    assert shop["facts"]["agent"].endswith("Online")
    assert found["atta"]["seen"]["state"] == "completed"
    backend = found["backend"]["seen"]
    assert backend["facts"]["tasks"] == "1/1"
    assert backend["facts"]["rollout"] == "COMPLETED"
    assert backend["since"]
    assert found["notifier"]["seen"]["facts"]["alias version"] == "1"
    assert found[WEB]["seen"]["health"] == "healthy"


def test_a_look_writes_nothing(estate: Estate, slipway: Path) -> None:
    before = estate.counters()
    cli(estate, slipway, "status", STACK).ok()
    after = estate.counters()
    assert {name: after[name] - before[name] for name in WRITES} == dict.fromkeys(WRITES, 0)
    commands = after["ssm_commands"] - before["ssm_commands"]
    assert commands == 2, "one status action for each service on hosts"
    assert after["api_writes"] - before["api_writes"] == commands


def test_logs_show_what_a_service_printed(estate: Estate, slipway: Path) -> None:
    notify = {"FunctionName": f"{STACK}-notifier", "Qualifier": "live"}
    estate.client("lambda").invoke(**notify, Payload=json.dumps({"notify": "hello"}))
    for service, printed in (
        ("backend", "listens on 3000"),
        ("notifier", "notice of 5 characters"),
        (WEB, "listens on 8000"),
    ):
        text = cli(estate, slipway, "logs", service, "--stack", STACK, "--since", "1h").ok()
        assert printed in text, service
        last = cli(estate, slipway, "logs", service, "--stack", STACK, "--lines", "1").ok()
        assert len(last.splitlines()) == 1
    assert "--stack" not in cli(estate, slipway, "logs", WEB).ok(), "the only stack that has it"


def test_logs_of_a_host_are_its_journal(estate: Estate, slipway: Path) -> None:
    asked = ("logs", "book-shop", "--stack", STACK)
    (instance,) = estate.instances()
    text = cli(estate, slipway, *asked).ok()
    assert f"{instance} book-shop" in text
    assert "listens on 8000" in text
    assert len(cli(estate, slipway, *asked, "--lines", "2").ok().splitlines()) == 2


def test_a_shell_is_a_command_to_type(estate: Estate, slipway: Path) -> None:
    (instance,) = estate.instances()
    said = cli(estate, slipway, "shell", "book-shop", "--stack", STACK).ok()
    assert said.startswith(f"aws ssm start-session --target {instance} --region eu-west-1")
    (container,) = containers()
    said = cli(estate, slipway, "shell", WEB).ok()
    assert said.strip().endswith(f"exec -it {container.name} /bin/sh")
    refused = cli(estate, slipway, "shell", "backend", "--stack", STACK).refused()
    assert f"update-service --cluster {CLUSTER} --service {STACK}-backend" in refused
    refused = cli(estate, slipway, "shell", "notifier", "--stack", STACK).refused()
    assert "slipway logs notifier" in refused


def test_wrong_names_are_a_wrong_use(estate: Estate, slipway: Path) -> None:
    for words, said in (
        (("status", "nowhere"), "there is no stack file Pulumi.nowhere.yaml"),
        (("logs", "nobody"), "no stack in"),
        (("logs", "nobody", "--stack", STACK), f"{STACK} has no service 'nobody'; allowed: atta"),
        (("logs", "book-shop"), f"--stack {STACK}"),
        (("logs", WEB, "--since", "soon"), "allowed: a number and s, m, h or d"),
        (("shell", "i-0123456789abcdef0"), "say --stack too"),
    ):
        ran = cli(estate, slipway, *words)
        assert ran.code == 2, ran.text
        assert said in " ".join(ran.text.split())


def test_a_stopped_container_is_told(estate: Estate, slipway: Path) -> None:
    (container,) = containers()
    container.stop(timeout=1)
    assert list(problems(estate, slipway, 1)) == [WEB]
    ran = cli(estate, slipway, "status", STACK)
    assert ran.code == 1
    assert "1 of 5 do not run what the record says" in ran.text
    marked = [line for line in ran.text.splitlines() if line.startswith("!")]
    assert len(marked) == 1
    assert "exited: exit code" in marked[0]
    container.start()
    until(lambda: cli(estate, slipway, "status", STACK).code == 0)


def test_a_task_definition_changed_by_hand_is_told(estate: Estate, slipway: Path) -> None:
    before = rows(estate, slipway, 0)["backend"]["digest"]
    source = slipway.parent / "services" / "backend" / "app.py"
    source.write_text(source.read_text() + "# another version\n")
    estate.up(stack=STACK, cwd=slipway).ok()
    now = rows(estate, slipway, 0)["backend"]["digest"]
    assert now != before
    ecs, name = estate.client("ecs"), f"{STACK}-backend"
    (service,) = ecs.describe_services(cluster=CLUSTER, services=[name])["services"]
    ours = service["taskDefinition"]
    ecs.update_service(cluster=CLUSTER, service=name, taskDefinition=f"{name}:1")
    found = problems(estate, slipway, 1)
    assert list(found) == ["backend"]
    assert f"runs {before[:19]}, and the record says {now[:19]}" in found["backend"]
    ecs.update_service(cluster=CLUSTER, service=name, taskDefinition=ours)
    until(lambda: cli(estate, slipway, "status", STACK).code == 0)


def test_a_host_that_is_off_is_told_and_not_waited_for(estate: Estate, slipway: Path) -> None:
    (instance,) = estate.instances()
    ec2 = estate.client("ec2")
    ec2.stop_instances(InstanceIds=[instance])
    began = time.monotonic()
    found = problems(estate, slipway, 1)
    assert time.monotonic() - began < 15
    assert found == dict.fromkeys(("atta", "book-shop"), "offline: the instance is stopped")
    ec2.start_instances(InstanceIds=[instance])
    until(lambda: cli(estate, slipway, "status", STACK).code == 0)
