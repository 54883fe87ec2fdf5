"""ECS, Lambda and Docker beside the host: one update deploys to all, and one verdict judges all.

The tests stand on each other, in this order.
"""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docker
import pytest

from tests.e2e.registry_reader import RegistryReader
from tests.estate import Estate, Ran
from tests.ports import free_port

STACK = "targets"
WEB = "slipway-e2e-web"
ACTIONS = ("builds", "registry_writes", "ssm_commands", "s3_writes", "api_writes")


@pytest.fixture(scope="module")
def slipway(estate: Estate, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The slipway folder of a monorepo with a service for each target."""
    folder = tmp_path_factory.mktemp("targets") / "monorepo"
    top = estate.checkout(folder, ("backend", "notifier", "book-shop"))
    estate.write_stack(
        top,
        STACK,
        registry={"kind": "ecr", "repository": "targets/{image}", "create": True},
        bundles={"bucket": "slipway-targets-deploys"},
        host=None,
        services={
            "backend": {
                "target": "ecs",
                "port": 3000,
                "health": "/healthz",
                "timeout": 60,
                "grace": 0,
                "read_only": False,
                "before": ["python3", "/app/migrate.py"],
                "secrets": {"DB_PASSWORD": "parameter:/backend/db"},
            },
            "notifier": {"target": "lambda", "smoke": {"ping": True}},
            WEB: {
                "target": "docker",
                "image": "book-shop",
                "port": 8000,
                "publish": free_port(),
                "health": "/healthz",
            },
        },
    )
    log_in(estate, tmp_path_factory.mktemp("docker"))
    estate.client("ssm").put_parameter(Name="/backend/db", Value="hunter2", Type="SecureString")
    remove_containers()
    yield top / "deploy"
    remove_containers()


def remove_containers() -> None:
    """Those of the stack: of a run before, or of this one."""
    label = f"slipway.service=slipway/{STACK}/{WEB}"
    for each in docker.from_env().containers.list(all=True, filters={"label": label}):
        each.remove(force=True)


def log_in(estate: Estate, folder: Path) -> None:
    """As `aws ecr get-login-password | docker login` does, in a configuration of its own."""
    token = estate.client("ecr").get_authorization_token()["authorizationData"][0]
    host = token["proxyEndpoint"].partition("//")[2]
    auths = {"auths": {host: {"auth": token["authorizationToken"]}}}
    (folder / "config.json").write_text(json.dumps(auths))
    (folder / "cli-plugins").symlink_to(Path.home() / ".docker" / "cli-plugins")
    estate.environment["DOCKER_CONFIG"] = str(folder)


@pytest.fixture
def edited(slipway: Path) -> Iterator[Any]:
    """Changes source files; after the test they are as they were."""
    before: dict[Path, str] = {}

    def edit(path: str, old: str, new: str) -> None:
        file = slipway.parent / path
        before.setdefault(file, file.read_text())
        assert old in file.read_text(), f"{path} holds no {old!r}"
        file.write_text(file.read_text().replace(old, new))

    yield edit
    for file, text in before.items():
        file.write_text(text)


def up(estate: Estate, slipway: Path, *words: str) -> Ran:
    return estate.up(*words, stack=STACK, cwd=slipway)


def services(estate: Estate, slipway: Path) -> dict[str, Any]:
    text = estate.pulumi("stack", "output", "--json", "--stack", STACK, cwd=slipway).ok()
    found: dict[str, Any] = json.loads(text)["services"]
    return found


def task_of(estate: Estate) -> dict[str, Any]:
    """The task of the backend that runs, as ECS tells it."""
    ecs = estate.client("ecs")
    cluster = f"slipway-{STACK}"
    tasks = ecs.list_tasks(cluster=cluster, desiredStatus="RUNNING")["taskArns"]
    task: dict[str, Any] = ecs.describe_tasks(cluster=cluster, tasks=tasks)["tasks"][0]
    return task


def backend(estate: Estate, path: str) -> dict[str, Any]:
    """What the running task answers at its own address."""
    details = task_of(estate)["attachments"][0]["details"]
    address = next(each["value"] for each in details if each["name"] == "privateIPv4Address")
    with urllib.request.urlopen(f"http://{address}:3000{path}", timeout=3) as answer:
        document: dict[str, Any] = json.loads(answer.read())
    return document


def notify(estate: Estate, event: dict[str, Any]) -> dict[str, Any]:
    """What the function answers behind its alias."""
    function = f"{STACK}-notifier"
    answer = estate.client("lambda").invoke(
        FunctionName=function, Qualifier="live", Payload=json.dumps(event)
    )
    document: dict[str, Any] = json.loads(answer["Payload"].read())
    return document


def aws(estate: Estate, *words: str) -> dict[str, Any]:
    """What AWS's own command line answers, run from the image of the machines, which has it."""
    images = estate.run("docker", "images", "--quiet", "slipway-machine").ok().split()
    settings = {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{estate.cloud_port}",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
    }
    told = [word for name, value in settings.items() for word in ("--env", f"{name}={value}")]
    argv = (
        "docker",
        "run",
        "--rm",
        "--network",
        "host",
        *told,
        images[0],
        "aws",
        *words,
        "--output",
        "json",
    )
    answer: dict[str, Any] = json.loads(estate.run(*argv).ok())
    return answer


def test_one_update_deploys_to_every_target(estate: Estate, slipway: Path) -> None:
    up(estate, slipway).ok()
    found = services(estate, slipway)
    for name in ("backend", "notifier", WEB):
        assert found[name]["verdict"] == f"running {found[name]['digest']}"
    assert backend(estate, "/healthz")
    assert notify(estate, {"ping": True})["ok"] is True
    with urllib.request.urlopen(f"{found[WEB]['url']}/version", timeout=3) as answer:
        assert json.loads(answer.read())["version"]


def test_the_aws_cli_reads_the_same_estate_back(estate: Estate, slipway: Path) -> None:
    found, cluster = services(estate, slipway), f"slipway-{STACK}"
    listed = aws(estate, "ecs", "list-services", "--cluster", cluster)["serviceArns"]
    asked = ("--cluster", cluster, "--services", *listed)
    (service,) = aws(estate, "ecs", "describe-services", *asked)["services"]
    assert (service["runningCount"], service["deployments"][0]["rolloutState"]) == (1, "COMPLETED")
    definition = aws(
        estate, "ecs", "describe-task-definition", "--task-definition", service["taskDefinition"]
    )["taskDefinition"]
    assert definition["containerDefinitions"][0]["image"].endswith(found["backend"]["digest"])
    function = ("--function-name", f"{STACK}-notifier")
    alias = aws(estate, "lambda", "get-alias", *function, "--name", "live")
    version = aws(
        estate, "lambda", "get-function", *function, "--qualifier", alias["FunctionVersion"]
    )
    assert version["Code"]["ImageUri"].endswith(found["notifier"]["digest"])
    assert version["Configuration"]["State"] == "Active"
    for image in ("backend", "notifier", "book-shop"):
        names = ("--repository-name", f"targets/{image}")
        listed = aws(estate, "ecr", "describe-images", *names)["imageDetails"]
        (made,) = [each for each in listed if each.get("imageTags")]
        output = WEB if image == "book-shop" else image
        assert made["imageDigest"] == found[output]["digest"]


def test_the_same_again_does_nothing(estate: Estate, slipway: Path) -> None:
    before = estate.counters()
    up(estate, slipway).ok()
    after = estate.counters()
    assert {name: after[name] - before[name] for name in ACTIONS} == dict.fromkeys(ACTIONS, 0)


@pytest.mark.fault(
    13, "a task of ECS is never healthy", after=["test_one_update_deploys_to_every_target"]
)
def test_an_unhealthy_version_is_put_back_everywhere_and_the_next_good_one_works(
    estate: Estate, slipway: Path, edited: Any
) -> None:
    before = services(estate, slipway)
    edited("services/backend/app.py", "HEALTHY = True", "HEALTHY = False")
    text = up(estate, slipway).refused()
    assert "backend" in text
    assert backend(estate, "/healthz"), "the version before answers"
    edited("services/backend/app.py", "HEALTHY = False", "HEALTHY = True  # again")
    up(estate, slipway).ok()
    assert services(estate, slipway)["backend"]["digest"] != before["backend"]["digest"]
    writes = estate.counters()["api_writes"]
    up(estate, slipway).ok()
    assert estate.counters()["api_writes"] == writes, "after the fix there is nothing to do"


@pytest.mark.fault(
    13, "a function fails its smoke event", after=["test_one_update_deploys_to_every_target"]
)
def test_a_function_that_fails_its_smoke_event_gets_no_traffic(
    estate: Estate, slipway: Path, edited: Any
) -> None:
    before = services(estate, slipway)["notifier"]["digest"]
    source = next((slipway.parent / "services" / "notifier").glob("*.py"))
    edited(f"services/notifier/{source.name}", source.read_text(), "raise SystemExit(3)\n")
    text = up(estate, slipway).refused()
    assert "notifier" in text
    assert notify(estate, {"ping": True})["ok"] is True
    assert services(estate, slipway)["notifier"]["digest"] == before


def test_a_task_definition_changed_behind_its_back_is_a_diff_in_a_plain_preview(
    estate: Estate, slipway: Path
) -> None:
    up(estate, slipway).ok()
    ecs, cluster = estate.client("ecs"), f"slipway-{STACK}"
    service = ecs.list_services(cluster=cluster)["serviceArns"][0]
    current = ecs.describe_services(cluster=cluster, services=[service])["services"][0]
    family, revision = current["taskDefinition"].rpartition("/")[2].split(":")
    ecs.update_service(
        cluster=cluster, service=service, taskDefinition=f"{family}:{int(revision) - 1}"
    )
    text = estate.preview(stack=STACK, cwd=slipway).ok()
    assert "backend" in text
    assert "runs" in text
    up(estate, slipway).ok()
    now = ecs.describe_services(cluster=cluster, services=[service])["services"][0]
    assert now["taskDefinition"] == current["taskDefinition"]


def test_an_alias_moved_behind_its_back_is_a_diff_in_a_plain_preview(
    estate: Estate, slipway: Path, edited: Any
) -> None:
    edited("services/notifier/app.py", "import json\n", "import json  # another version\n")
    up(estate, slipway).ok()
    functions, name = estate.client("lambda"), f"{STACK}-notifier"
    ours = functions.get_alias(FunctionName=name, Name="live")["FunctionVersion"]
    functions.update_alias(FunctionName=name, Name="live", FunctionVersion=str(int(ours) - 1))
    text = estate.preview(stack=STACK, cwd=slipway).ok()
    assert f"live points at version {int(ours) - 1}" in text
    up(estate, slipway).ok()
    assert functions.get_alias(FunctionName=name, Name="live")["FunctionVersion"] == ours


def test_an_older_record_is_the_rollback_and_its_digests_run(
    estate: Estate, slipway: Path, edited: Any
) -> None:
    before = services(estate, slipway)
    edited("services/backend/app.py", "HEALTHY = True", "HEALTHY = True  # newer")
    up(estate, slipway).ok()
    assert services(estate, slipway)["backend"]["digest"] != before["backend"]["digest"]
    built = estate.counters()["builds"]
    command = (".venv/bin/python", "-m", "cli.app")
    estate.run(*command, "rollback", STACK, "--yes", cwd=slipway).ok()
    assert services(estate, slipway)["backend"]["digest"] == before["backend"]["digest"]
    # ECS tells the manifest of the task's own platform, not the index around it.
    asked = RegistryReader(estate, "targets/backend").platforms(before["backend"]["digest"])
    assert [task_of(estate)["containers"][0]["imageDigest"]] == asked
    assert backend(estate, "/healthz")
    assert estate.counters()["builds"] == built
    estate.run(*command, "resume", STACK, cwd=slipway).ok()


def test_what_is_not_there_is_refused_before_anything(estate: Estate, slipway: Path) -> None:
    file = slipway / f"Pulumi.{STACK}.yaml"
    text = file.read_text()
    before = estate.counters()
    for wrong, said in (
        (text.replace("parameter:/backend/db", "parameter:/nowhere"), "/nowhere"),
        (text.replace("target: ecs", "target: ecs\n      cluster: nobody"), "nobody"),
        (text.replace("port: 3000", "port: 3000\n      subnets: [subnet-0badbad]"), "0badbad"),
        (text.replace("port: 3000", "port: 3000\n      cpu: 300"), "300"),
    ):
        assert wrong != text
        file.write_text(wrong)
        try:
            assert said in up(estate, slipway).refused()
        finally:
            file.write_text(text)
    after = estate.counters()
    assert {name: after[name] - before[name] for name in ACTIONS} == dict.fromkeys(ACTIONS, 0)
