"""What ECS refuses, in its words."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.localcloud.cloud import Cloud
from tests.localcloud.ecs_estate import Estate, build, within
from tests.localcloud.test_ecs_services import words


@pytest.fixture
def estate(cloud: Cloud) -> Estate:
    """The estate of the tests of ECS."""
    return build(cloud)


def refusal(call: Any, **given: Any) -> tuple[str, str]:
    """Code and sentence of a refused call."""
    with pytest.raises(ClientError) as caught:
        call(**given)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def test_an_unknown_cluster_is_refused_by_every_call(estate: Estate) -> None:
    ecs, gone = estate.ecs, ("ClusterNotFoundException", "Cluster not found.")
    assert refusal(ecs.run_task, cluster="no", taskDefinition="x") == gone
    assert refusal(ecs.create_service, cluster="no", serviceName="x", taskDefinition="x") == gone
    assert refusal(ecs.update_service, cluster="no", service="x") == gone
    assert refusal(ecs.delete_service, cluster="no", service="x") == gone
    assert refusal(ecs.describe_services, cluster="no", services=["x"]) == gone
    assert refusal(ecs.describe_tasks, cluster="no", tasks=["x"]) == gone
    assert refusal(ecs.list_tasks, cluster="no") == gone
    assert refusal(ecs.stop_task, cluster="no", task="x") == gone


def test_an_inactive_cluster_takes_nothing(estate: Estate) -> None:
    estate.ecs.create_cluster(clusterName="closed")
    estate.ecs.delete_cluster(cluster="closed")
    code, message = refusal(estate.ecs.run_task, cluster="closed", taskDefinition="x")
    assert (code, message) == (
        "ClusterNotFoundException",
        "The referenced cluster was inactive.",
    )


def test_a_busy_cluster_is_not_deleted(estate: Estate) -> None:
    network, ecs = estate.network, estate.ecs
    ecs.create_cluster(clusterName="busy")
    wish: dict[str, Any] = {
        "cluster": "busy",
        "taskDefinition": estate.define("busy"),
        "launchType": "FARGATE",
    }
    wish["networkConfiguration"] = network
    ecs.create_service(**wish, serviceName="idle", desiredCount=0)
    assert refusal(ecs.delete_cluster, cluster="busy")[0] == "ClusterContainsServicesException"
    ecs.delete_service(cluster="busy", service="idle")
    task = ecs.run_task(**wish)["tasks"][0]["taskArn"]
    assert refusal(ecs.delete_cluster, cluster="busy")[0] == "ClusterContainsTasksException"
    ecs.stop_task(cluster="busy", task=task)


def test_unknown_and_inactive_definitions_are_told_apart(estate: Estate) -> None:
    run, cluster = estate.ecs.run_task, estate.cluster
    wish = {"cluster": cluster, "launchType": "FARGATE", "networkConfiguration": estate.network}
    assert refusal(run, **wish, taskDefinition="none:1") == (
        "ClientException",
        "TaskDefinition not found.",
    )
    old = estate.define("retired")
    estate.ecs.deregister_task_definition(taskDefinition=old)
    assert refusal(run, **wish, taskDefinition=old) == (
        "ClientException",
        "TaskDefinition is inactive",
    )


def test_unknown_services_and_tasks_are_failures_of_the_answer(estate: Estate) -> None:
    ecs, cluster = estate.ecs, estate.cluster
    found = ecs.describe_services(cluster=cluster, services=["nobody"])
    assert [each["reason"] for each in found["failures"]] == ["MISSING"]
    found = ecs.describe_tasks(cluster=cluster, tasks=["0" * 32])
    assert [each["reason"] for each in found["failures"]] == ["MISSING"]
    assert refusal(ecs.update_service, cluster=cluster, service="nobody")[0] == (
        "ServiceNotFoundException"
    )
    assert refusal(ecs.stop_task, cluster=cluster, task="0" * 32) == (
        "InvalidParameterException",
        "The referenced task was not found.",
    )


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"memory": "4096"}, "No Fargate configuration exists for given values: 256 CPU, 4096"),
        ({"cpu": "300"}, "No Fargate configuration exists for given values: 300 CPU"),
        ({"cpu": None}, "Fargate requires that 'cpu' be defined at the task level."),
        ({"memory": None}, "Fargate requires that 'memory' be defined at the task level."),
        ({"networkMode": "bridge"}, "Fargate only supports network mode 'awsvpc'."),
        ({"executionRoleArn": None}, "execution role ARN to support ECR images."),
        ({"executionRoleArn": None, "image": "x"}, "role ARN to support log driver awslogs."),
        ({"stopTimeout": 121}, "stopTimeout on Fargate is at most 120 seconds: 121"),
        ({"healthCheck": {"command": ["CMD", "true"], "interval": 4}}, "between 5 and 300: 4"),
        (
            {"executionRoleArn": None, "secrets": [{"name": "A", "valueFrom": "/a"}]},
            "you must also specify a value for 'executionRoleArn'",
        ),
    ],
)
def test_definitions_that_fargate_cannot_run_are_refused(
    estate: Estate, given: dict[str, Any], words: str
) -> None:
    code, message = refusal(estate.define, family="wrong", **given)
    assert code == "ClientException"
    assert words in message


def test_sizes_in_words_are_taken(estate: Estate) -> None:
    assert estate.define("worded", cpu=".25 vCPU", memory="1 GB").endswith("worded:1")


def test_a_network_that_is_not_there_is_named(estate: Estate) -> None:
    wish = {"cluster": estate.cluster, "taskDefinition": estate.define("netless")}
    wish["launchType"] = "FARGATE"
    run = estate.ecs.run_task
    code, message = refusal(run, **wish)
    assert code == "InvalidParameterException"
    assert message.startswith("Network Configuration must be provided when networkMode 'awsvpc'")
    config: dict[str, Any] = {"subnets": ["subnet-0"]}
    _, message = refusal(run, **wish, networkConfiguration={"awsvpcConfiguration": config})
    assert "The subnet ID 'subnet-0' does not exist (ErrorCode: InvalidSubnetID" in message
    config = {"subnets": [estate.subnet], "securityGroups": ["sg-0"]}
    _, message = refusal(run, **wish, networkConfiguration={"awsvpcConfiguration": config})
    assert "The security group 'sg-0' does not exist (ErrorCode: InvalidGroup.Not" in message


def test_launch_types_without_machines_run_nothing_and_say_so(estate: Estate) -> None:
    cluster, definition = estate.cluster, estate.define("machines")
    wish: dict[str, Any] = {"cluster": cluster, "taskDefinition": definition}
    wish["networkConfiguration"] = estate.network
    _, message = refusal(estate.ecs.run_task, **wish, launchType="EC2")
    assert message.startswith("No Container Instances were found in your cluster.")
    estate.ecs.create_service(**wish, serviceName="machines", launchType="EC2", desiredCount=1)
    within(5, "told", lambda: words(estate.service("machines")))
    assert "No Container Instances were found" in words(estate.service("machines"))[0]
    estate.remove("machines")


def test_a_service_is_created_once(estate: Estate) -> None:
    definition = estate.define("once")
    estate.serve("once", definition, 0)
    with pytest.raises(ClientError, match="Creation of service was not idempotent"):
        estate.serve("once", definition, 0)
    ecs = estate.ecs
    ecs.tag_resource(
        resourceArn=estate.service("once")["serviceArn"], tags=[{"key": "a", "value": "b"}]
    )
    arn = estate.service("once")["serviceArn"]
    assert ecs.list_tags_for_resource(resourceArn=arn)["tags"] == [{"key": "a", "value": "b"}]
    estate.remove("once")
