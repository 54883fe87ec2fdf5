"""One task of ECS: a real container, its end, its network, its role and its output."""

import json
from typing import Any

import pytest
import requests

from tests.localcloud.cloud import REGION, Cloud
from tests.localcloud.ecs_estate import Estate, address, build, within

CREDENTIALS = (
    "python3 -c 'import os, urllib.request as u; "
    'print(u.urlopen("http://169.254.170.2" '
    '+ os.environ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"]).read().decode())\''
)


@pytest.fixture
def estate(cloud: Cloud) -> Estate:
    """The estate of the tests of ECS."""
    return build(cloud)


def test_a_task_runs_to_its_end_and_tells_exit_code_reason_and_times(estate: Estate) -> None:
    arn = estate.run(estate.define("seven", "echo one; echo two >&2; exit 7"), startedBy="me")
    task = estate.ended(arn)
    container = task["containers"][0]
    assert (container["exitCode"], container["lastStatus"]) == (7, "STOPPED")
    assert task["stopCode"] == "EssentialContainerExited"
    assert task["stoppedReason"] == "Essential container in task exited"
    assert (task["startedBy"], task["group"]) == ("me", "family:seven")
    assert task["desiredStatus"] == "STOPPED"
    times = [task[n] for n in ("createdAt", "pullStartedAt", "startedAt", "stoppedAt")]
    assert times == sorted(times)
    assert container["imageDigest"] == estate.image.partition("@")[2]
    assert sorted(estate.lines("seven", arn)) == ["one", "two"]


def test_a_task_answers_at_its_address_and_port_and_is_listed(estate: Estate) -> None:
    arn = estate.run(estate.define("alone"))
    within(20, "runs", lambda: estate.task(arn)["lastStatus"] == "RUNNING")
    url = f"http://{address(estate.task(arn))}:3000/"
    within(10, "answers", lambda: answers(url))
    listed = estate.ecs.list_tasks(cluster=estate.cluster, family="alone")["taskArns"]
    assert listed == [arn]
    interface = estate.task(arn)["attachments"][0]["details"][1]["value"]
    ec2 = estate.cloud.client("ec2")
    found = ec2.describe_network_interfaces(NetworkInterfaceIds=[interface])
    assert found["NetworkInterfaces"][0]["PrivateIpAddress"] == address(estate.task(arn))
    estate.ecs.stop_task(cluster=estate.cluster, task=arn, reason="enough")
    task = estate.ended(arn)
    assert (task["stopCode"], task["stoppedReason"]) == ("UserInitiated", "enough")
    assert not answers(url)


def answers(url: str) -> bool:
    """Whether somebody answers."""
    try:
        return requests.get(url, timeout=2).ok
    except requests.RequestException:
        return False


@pytest.mark.parametrize(
    ("family", "script", "code"),
    [
        ("gentle", "trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.1; done", 0),
        ("deaf", "trap '' TERM; echo up; while :; do sleep 0.1; done", 137),
    ],
)
def test_a_stop_is_sigterm_and_after_the_stop_timeout_sigkill(
    estate: Estate, family: str, script: str, code: int
) -> None:
    arn = estate.run(estate.define(family, script, stopTimeout=2))
    within(20, "runs", lambda: estate.task(arn)["lastStatus"] == "RUNNING")
    within(10, "is up", lambda: "up" in estate.lines(family, arn))
    estate.ecs.stop_task(cluster=estate.cluster, task=arn)
    task = estate.ended(arn)
    assert task["containers"][0]["exitCode"] == code
    assert ("bye" in estate.lines(family, arn)) == (code == 0)
    took = (task["stoppedAt"] - task["stoppingAt"]).total_seconds()
    assert (took >= 2) == (code == 137), took


def test_a_container_above_its_memory_is_killed_with_137(estate: Estate) -> None:
    definition = estate.define("greedy", "exec python3 -c 'x = bytearray(200_000_000)'")
    assert estate.ended(estate.run(definition))["containers"][0]["exitCode"] == 0
    wish = {"containerOverrides": [{"name": "app", "memory": 64}]}
    container = estate.ended(estate.run(definition, overrides=wish))["containers"][0]
    assert container["exitCode"] == 137
    assert container["reason"] == "OutOfMemoryError: Container killed due to memory usage"


def test_a_container_has_its_task_roles_credentials_and_the_clouds_address(
    estate: Estate,
) -> None:
    arn = estate.run(estate.define("keys", f"echo $AWS_ENDPOINT_URL $AWS_REGION; {CREDENTIALS}"))
    estate.ended(arn)
    first, second = estate.lines("keys", arn)
    assert first == f"{estate.cloud.url} {REGION}"
    keys = json.loads(second)
    assert keys["RoleArn"] == estate.task_role
    sts = estate.cloud.client(
        "sts",
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["Token"],
    )
    identity = sts.get_caller_identity()["Arn"]
    task = arn.rpartition("/")[2]
    assert identity == f"arn:aws:sts::123456789012:assumed-role/ecs-task/{task}"


def test_the_api_is_reached_from_a_container_and_the_app_may_use_port_80(estate: Estate) -> None:
    script = (
        "python3 -m http.server 80 2>/dev/null & sleep 1; "
        "python3 -c 'import os, urllib.request as u; "
        'print(u.urlopen(os.environ["AWS_ENDPOINT_URL"] + "/_localcloud/health").status); '
        'print(u.urlopen("http://127.0.0.1").status)\''
    )
    arn = estate.run(estate.define("eighty", f"{script}; {CREDENTIALS}"))
    estate.ended(arn)
    lines = estate.lines("eighty", arn)
    assert [line for line in lines if line == "200"] == ["200", "200"]
    assert any("RoleArn" in line for line in lines)


def test_a_task_without_a_task_role_is_given_no_credentials(estate: Estate) -> None:
    script = "echo role=$AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"
    arn = estate.run(estate.define("roleless", script, taskRoleArn=None))
    estate.ended(arn)
    assert estate.lines("roleless", arn) == ["role="]


def test_run_task_overrides_command_and_environment(estate: Estate) -> None:
    given = [{"name": "COLOUR", "value": "red"}, {"name": "SHAPE", "value": "round"}]
    definition = estate.define("over", "echo never", environment=given)
    entry: dict[str, Any] = {"name": "app", "command": ["sh", "-c", "echo $COLOUR $SHAPE"]}
    entry["environment"] = [{"name": "COLOUR", "value": "blue"}]
    arn = estate.run(definition, overrides={"containerOverrides": [entry]})
    estate.ended(arn)
    assert estate.lines("over", arn) == ["blue round"]


def test_containers_share_a_network_and_wait_for_each_other(estate: Estate) -> None:
    options = {"awslogs-group": estate.log_group, "awslogs-region": REGION}
    log = {"logDriver": "awslogs", "options": {**options, "awslogs-stream-prefix": "pair"}}
    say = "import urllib.request as u; print(u.urlopen('http://127.0.0.1:3000').status)"
    check = {"command": ["CMD", "python3", "-c", say], "interval": 5, "retries": 2}
    side: dict[str, Any] = {"name": "side", "image": estate.image, "healthCheck": check}
    side |= {"essential": False, "stopTimeout": 2}
    side["command"] = ["python3", "-m", "http.server", "3000"]
    app: dict[str, Any] = {"name": "app", "image": estate.image, "logConfiguration": log}
    app["command"] = ["python3", "-c", say]
    app["dependsOn"] = [{"containerName": "side", "condition": "HEALTHY"}]
    made = estate.ecs.register_task_definition(
        family="pair",
        containerDefinitions=[app, side],
        cpu="256",
        memory="512",
        networkMode="awsvpc",
        requiresCompatibilities=["FARGATE"],
        executionRoleArn=estate.execution_role,
    )
    arn = estate.run(made["taskDefinition"]["taskDefinitionArn"])
    estate.ended(arn)
    assert estate.lines("pair", arn) == ["200"]
