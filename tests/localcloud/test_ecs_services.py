"""Services: desired count, deployments, replacement, and what is left after them."""

import docker
import pytest
import requests

from localcloud.place import Place
from tests.localcloud.cloud import Cloud
from tests.localcloud.ecs_estate import SERVER, Estate, Json, address, build, within
from tests.localcloud.test_ecs_tasks import answers

HEALTHY = {"command": ["CMD-SHELL", "test -f /well"], "interval": 5, "timeout": 2, "retries": 2}


@pytest.fixture
def estate(cloud: Cloud) -> Estate:
    """The estate of the tests of ECS."""
    return build(cloud)


def words(service: Json) -> list[str]:
    """A service's events, oldest first, without its name."""
    prefix = f"(service {service['serviceName']}) "
    return [each["message"].removeprefix(prefix) for each in reversed(service["events"])]


def test_a_service_runs_its_count_answers_and_says_so(estate: Estate) -> None:
    before = estate.cloud.counters()
    made = estate.serve("web", estate.define("web"), 2)
    assert made["deployments"][0]["rolloutState"] == "IN_PROGRESS"
    service = estate.steady("web")
    assert (service["runningCount"], service["pendingCount"]) == (2, 0)
    tasks = estate.tasks("web")
    assert len({address(each) for each in tasks}) == 2
    for each in tasks:
        assert requests.get(f"http://{address(each)}:3000/", timeout=5).ok
        assert each["startedBy"] == service["deployments"][0]["id"]
        assert each["group"] == "service:web"
    deployment = f"(deployment {service['deployments'][0]['id']})"
    said = words(service)
    assert said[0].startswith("has started 2 tasks: (task ")
    assert said[-2:] == [f"{deployment} deployment completed.", "has reached a steady state."]
    after = estate.cloud.counters()
    assert after["ecs_deployments"] - before["ecs_deployments"] == 1
    assert after["ecs_tasks"] - before["ecs_tasks"] == 2
    cluster = estate.ecs.describe_clusters(clusters=[estate.cluster])["clusters"][0]
    assert cluster["runningTasksCount"] >= 2
    assert cluster["activeServicesCount"] >= 1
    estate.remove("web")


def test_scaling_is_no_deployment_and_a_killed_task_is_replaced(estate: Estate) -> None:
    deployment = estate.serve("scaled", estate.define("scaled"))["deployments"][0]["id"]
    estate.steady("scaled")
    estate.ecs.update_service(cluster=estate.cluster, service="scaled", desiredCount=3)
    within(20, "three", lambda: estate.service("scaled")["runningCount"] == 3)
    estate.ecs.update_service(cluster=estate.cluster, service="scaled", desiredCount=1)
    within(20, "one", lambda: len(estate.tasks("scaled")) == 1)
    assert [d["id"] for d in estate.service("scaled")["deployments"]] == [deployment]
    old = estate.tasks("scaled")[0]
    docker.from_env().api.kill(old["containers"][0]["runtimeId"])
    task = estate.ended(old["taskArn"])
    assert task["containers"][0]["exitCode"] == 137
    within(20, "another", lambda: estate.service("scaled")["runningCount"] == 1)
    assert estate.tasks("scaled")[0]["taskArn"] != old["taskArn"]
    estate.remove("scaled")


def test_a_new_definition_replaces_tasks_one_after_another_and_always_answers(
    estate: Estate,
) -> None:
    estate.serve("rolled", estate.define("rolled"))
    estate.steady("rolled")
    first = estate.tasks("rolled")[0]
    second = estate.define("rolled", f"echo second; {SERVER}")
    wish = {"cluster": estate.cluster, "service": "rolled", "taskDefinition": second}
    estate.ecs.update_service(**wish)
    seen: set[tuple[str, str]] = set()

    def look() -> bool:
        found = estate.service("rolled")
        seen.update((d["status"], d["rolloutState"]) for d in found["deployments"])
        live = [t for t in estate.tasks("rolled") if t["lastStatus"] == "RUNNING"]
        assert any(answers(f"http://{address(t)}:3000/") for t in live)
        return [d["rolloutState"] for d in found["deployments"]] == ["COMPLETED"]

    within(40, "rolled", look)
    assert {("PRIMARY", "IN_PROGRESS"), ("ACTIVE", "COMPLETED")} <= seen
    service = estate.service("rolled")
    assert service["taskDefinition"] == second
    old = estate.task(first["taskArn"])
    assert old["stopCode"] == "ServiceSchedulerInitiated"
    deployment = service["deployments"][0]["id"]
    assert old["stoppedReason"] == f"Scaling activity initiated by (deployment {deployment})"
    again = estate.ecs.update_service(**wish)["service"]
    assert [d["id"] for d in again["deployments"]] == [deployment]
    forced = estate.ecs.update_service(**wish, forceNewDeployment=True)["service"]
    assert [d["id"] for d in forced["deployments"]][1:] == [deployment]
    estate.remove("rolled")


def test_an_unhealthy_task_is_replaced_and_its_health_is_told(estate: Estate) -> None:
    script = f"touch /well; {SERVER}"
    estate.serve("checked", estate.define("checked", script, healthCheck=HEALTHY))
    estate.steady("checked")
    task = estate.tasks("checked")[0]
    assert task["healthStatus"] == "HEALTHY"
    api = docker.from_env().api
    run = api.exec_create(task["containers"][0]["runtimeId"], ["rm", "/well"])
    api.exec_start(run["Id"])
    ended = estate.ended(task["taskArn"])
    assert ended["stoppedReason"] == "Task failed container health checks"
    identity = task["taskArn"].rpartition("/")[2]
    service = estate.service("checked")
    assert f"(task {identity}) failed container health checks." in words(service)

    def another() -> bool:
        return any(each["healthStatus"] == "HEALTHY" for each in estate.tasks("checked"))

    within(30, "another", another)
    assert estate.service("checked")["deployments"][0]["failedTasks"] == 0
    estate.remove("checked")


def test_a_service_that_may_run_no_surplus_stops_the_old_task_first(estate: Estate) -> None:
    limits = {"minimumHealthyPercent": 0, "maximumPercent": 100}
    estate.serve("lean", estate.define("lean"), deploymentConfiguration=limits)
    estate.steady("lean")
    second = estate.define("lean", f"echo second; {SERVER}")
    estate.ecs.update_service(cluster=estate.cluster, service="lean", taskDefinition=second)
    most = []

    def look() -> bool:
        most.append(len(estate.tasks("lean")))
        return [d["taskDefinition"] for d in estate.service("lean")["deployments"]] == [second]

    within(40, "lean", look)
    estate.steady("lean")
    assert max(most) == 1
    estate.remove("lean")


def test_a_tag_is_resolved_once_for_a_deployment(estate: Estate) -> None:
    ecr, digest = estate.cloud.client("ecr"), estate.image.partition("@")[2]
    name = {"repositoryName": "base/debian"}
    asked = ecr.batch_get_image(**name, imageIds=[{"imageDigest": digest}])["images"][0]
    put = {**name, "imageManifest": asked["imageManifest"], "imageTag": "moving"}
    ecr.put_image(**put, imageManifestMediaType=asked["imageManifestMediaType"])
    image = f"127.0.0.1:{estate.cloud.registry_port}/base/debian:moving"
    estate.serve("tagged", estate.define("tagged", image=image))
    estate.steady("tagged")
    ecr.batch_delete_image(**name, imageIds=[{"imageTag": "moving"}])
    old = estate.tasks("tagged")[0]["taskArn"]
    estate.ecs.stop_task(cluster=estate.cluster, task=old)
    estate.ended(old)
    within(20, "another", lambda: estate.service("tagged")["runningCount"] == 1)
    assert estate.tasks("tagged")[0]["containers"][0]["imageDigest"] == digest
    estate.remove("tagged")


def test_a_deleted_service_drains_and_leaves_no_container(estate: Estate) -> None:
    estate.serve("brief", estate.define("brief"))
    estate.steady("brief")
    ids = [each["containers"][0]["runtimeId"] for each in estate.tasks("brief")]
    ecs = estate.ecs
    with pytest.raises(ecs.exceptions.InvalidParameterException, match="scaled above 0"):
        ecs.delete_service(cluster=estate.cluster, service="brief")
    estate.remove("brief")
    within(20, "inactive", lambda: estate.service("brief")["status"] == "INACTIVE")
    label = f"slipway.localcloud.container={Place.of(estate.cloud.state).label}"
    left = docker.from_env().api.containers(all=True, filters={"label": label})
    assert not [each for each in left if each["Id"] in ids]
    with pytest.raises(ecs.exceptions.ServiceNotActiveException):
        ecs.update_service(cluster=estate.cluster, service="brief", desiredCount=1)
