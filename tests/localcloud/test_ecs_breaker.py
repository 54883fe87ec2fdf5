"""The deployment circuit breaker, as AWS documents it."""

import pytest

from tests.localcloud.cloud import Cloud
from tests.localcloud.ecs_estate import SERVER, Estate, build, within
from tests.localcloud.test_ecs_failures import MISSING
from tests.localcloud.test_ecs_services import words

FAILED = "ECS deployment circuit breaker: tasks failed to start."


@pytest.fixture
def estate(cloud: Cloud) -> Estate:
    """The estate of the tests of ECS."""
    return build(cloud)


def test_a_version_that_crashes_is_rolled_back_and_ecs_calls_that_completed(
    estate: Estate,
) -> None:
    good = estate.define("crashes")
    estate.serve("crashes", good)
    first = estate.steady("crashes")["deployments"][0]["id"]
    bad = estate.define("crashes", "exit 3")
    estate.ecs.update_service(cluster=estate.cluster, service="crashes", taskDefinition=bad)

    def look() -> bool:
        found = estate.service("crashes")
        steady = [d["rolloutState"] for d in found["deployments"]] == ["COMPLETED"]
        return steady and any("rolling back" in line for line in words(found))

    within(60, "rolled back", look)
    service = estate.service("crashes")
    assert service["taskDefinition"] == good
    primary = service["deployments"][0]
    assert (primary["id"], primary["status"]) == (first, "PRIMARY")
    assert primary["rolloutStateReason"] == f"ECS deployment {first} completed."
    said = words(service)
    assert any(line.endswith("deployment failed: tasks failed to start.") for line in said)
    assert f"rolling back to deployment {first}." in said
    # The good one, and as many bad ones as the breaker's threshold.
    assert sum(line.startswith("has started 1 tasks") for line in said) == 4
    estate.remove("crashes")


def test_a_first_version_that_cannot_be_pulled_fails_and_starts_no_more_tasks(
    estate: Estate,
) -> None:
    image = estate.image.partition("@")[0] + f"@{MISSING}"
    estate.serve("first", estate.define("first", image=image))
    within(30, "failed", lambda: failed(estate, "first"))
    deployment = estate.service("first")["deployments"][0]
    assert (deployment["rolloutStateReason"], deployment["failedTasks"]) == (FAILED, 3)
    said = words(estate.service("first"))
    assert any("was unable to place a task. Reason: CannotPull" in line for line in said)
    good = estate.define("first")
    estate.ecs.update_service(cluster=estate.cluster, service="first", taskDefinition=good)
    assert estate.steady("first")["taskDefinition"] == good
    estate.remove("first")


def failed(estate: Estate, name: str) -> bool:
    """Whether the primary deployment has failed."""
    return bool(estate.service(name)["deployments"][0]["rolloutState"] == "FAILED")


def test_without_rollback_the_old_version_stays_beside_the_failed_one(estate: Estate) -> None:
    breaker = {"deploymentCircuitBreaker": {"enable": True, "rollback": False}}
    good = estate.define("stuck")
    estate.serve("stuck", good, deploymentConfiguration=breaker)
    estate.steady("stuck")
    check = {"command": ["CMD", "false"], "interval": 5, "retries": 1, "timeout": 2}
    bad = estate.define("stuck", SERVER, healthCheck=check)
    estate.ecs.update_service(cluster=estate.cluster, service="stuck", taskDefinition=bad)
    within(60, "failed", lambda: failed(estate, "stuck"))
    service = estate.service("stuck")
    assert service["taskDefinition"] == bad
    assert [d["taskDefinition"] for d in service["deployments"]] == [bad, good]
    live = [t for t in estate.tasks("stuck") if t["lastStatus"] == "RUNNING"]
    assert [t["taskDefinitionArn"] for t in live] == [good]
    estate.remove("stuck")


def test_without_a_breaker_a_deployment_goes_on_trying(estate: Estate) -> None:
    usual = {"minimumHealthyPercent": 100, "maximumPercent": 200}
    estate.serve("tries", estate.define("tries", "exit 1"), deploymentConfiguration=usual)
    within(30, "four", lambda: estate.service("tries")["deployments"][0]["failedTasks"] >= 4)
    assert not failed(estate, "tries")
    estate.remove("tries")
