"""EcsRollout: the service runs what was asked, or what ran before, and the error says why."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest

from clients import ecs, ecs_tasks, logs, task_definitions
from clients.aws import AwsAccess
from provider import ecs_before, ecs_switch, ecs_watch
from provider.deployment import Deployment
from provider.ecs_rollout import EcsRolloutError, EcsRolloutResource
from provider.policy import Switched
from provider.resource import Call, Old
from provider.wire import UNKNOWN
from tests.fakes.ecs import NETWORK, FakeEcs, definition
from tests.fakes.lines import Lines

NEW, OLD, CHILD = ("sha256:" + letter * 64 for letter in "abc")
REPOSITORY = "127.0.0.1:4510/dev/backend"
ONE, TWO = definition(1), definition(2)


def inputs(**more: Any) -> dict[str, Any]:
    return {
        "service": "backend",
        "cluster": "main",
        "ecs_service": "backend",
        "task_definition": TWO,
        "image": f"{REPOSITORY}:v2@{NEW}",
        "digest": NEW,
        "timeout": 5,
        **more,
    }


class FakeManifest:
    body = json.dumps({"manifests": [{"digest": CHILD}]}).encode()


class FakeRegistry:
    def __init__(self, asked: list[str]) -> None:
        self.asked = asked

    def get(self, reference: str) -> FakeManifest:
        self.asked.append(reference)
        return FakeManifest()


class FakeConfigured:
    access = AwsAccess(region="eu-west-1")

    def __init__(self, deployment: Deployment | None = None) -> None:
        self.deployment = deployment or Deployment(None)
        self.asked: list[str] = []

    def check_account(self) -> None:
        pass

    def registry(self, repository: str) -> FakeRegistry:
        assert repository.startswith("127.0.0.1:4510/dev/")
        return FakeRegistry(self.asked)


class Bench:
    def __init__(self, fake: FakeEcs, deployment: Deployment | None = None) -> None:
        self.ecs = fake
        self.lines = Lines()
        self.switched = Switched()
        self.call = Call("urn", self.lines, threading.Event())
        self.configured = FakeConfigured(deployment)
        self.resource = EcsRolloutResource(self.configured, self.switched)  # type: ignore[arg-type]

    def up(self, wanted: dict[str, Any] | None = None, old: Old | None = None) -> Old:
        wanted = wanted or inputs()
        outputs = self.resource.settle(self.call, wanted, old, False)[1]
        return Old(inputs=wanted, outputs=outputs)

    def fails(self, wanted: dict[str, Any] | None = None, old: Old | None = None) -> str:
        with pytest.raises(EcsRolloutError) as error:
            self.up(wanted, old)
        return str(error.value)

    def running(self) -> tuple[str, int]:
        """What the service has in the end."""
        return self.ecs.rollouts[0].definition, self.ecs.count


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Bench:
    fake = FakeEcs(REPOSITORY)
    fake.digests = {ONE: OLD, TWO: NEW}
    fake.runs(ONE, 1)
    for module in (ecs, ecs_tasks, logs, task_definitions):
        monkeypatch.setattr(module, "client", lambda *_: fake)
    for module in (ecs_watch, ecs_before):
        monkeypatch.setattr(module, "_POLL", (0.001, 0.002))
    return Bench(fake)


def test_the_verdict_is_the_digest_that_the_tasks_pulled(bench: Bench) -> None:
    made = bench.up(inputs(count=2)).outputs
    assert made["verdict"] == f"running {NEW}"
    assert made["deployed_digest"] == NEW
    assert list(made["running"].values()) == [NEW, NEW]
    assert made["deployed_definition"] == TWO
    assert made["seconds"]["total"] >= made["seconds"]["switch"]
    (update,) = bench.ecs.of("update_service")
    assert (update["taskDefinition"], update["desiredCount"]) == (TWO, 2)
    assert bench.configured.asked == []


def test_the_manifest_of_an_index_is_the_index_and_the_registry_is_asked_once(
    bench: Bench,
) -> None:
    bench.ecs.digests[TWO] = CHILD
    made = bench.up(inputs(count=3)).outputs
    assert (made["verdict"], made["deployed_digest"]) == (f"running {NEW}", NEW)
    assert bench.configured.asked == [NEW]


def test_a_service_that_reports_success_with_another_digest_is_put_back(bench: Bench) -> None:
    bench.ecs.digests[TWO] = "sha256:" + "d" * 64
    text = bench.fails()
    assert f"instead of {NEW}" in text
    assert bench.running() == (ONE, 1)


@pytest.mark.fault(37, "ECS's circuit breaker goes back and reports COMPLETED")
def test_ecs_going_back_by_itself_and_reporting_completed_is_a_failure(bench: Bench) -> None:
    bench.ecs.behaviour[TWO] = "dies"
    bench.ecs.breaker = True
    text = bench.fails()
    assert text.startswith(f"backend: the rollout of {NEW} failed\nput back to {OLD} (backend:1): ")
    assert "ECS went to backend:1 by itself: ECS deployment circuit breaker" in text
    assert "stopped: Essential container in task exited (EssentialContainerExited)" in text
    assert "container backend: ended with exit code 3" in text
    assert "event: a task died" in text
    assert "log backend: no database" in text
    assert "\x1b" not in text
    assert bench.ecs.writes == ["update_service"]


@pytest.mark.parametrize("how", ["unhealthy", "slow"])
def test_a_service_that_is_not_steady_in_time_is_put_back_and_that_is_waited_for(
    bench: Bench, how: str
) -> None:
    bench.ecs.behaviour[TWO] = how
    text = bench.fails(inputs(timeout=1))
    assert f"put back to {OLD} (backend:1): timed out after 1 s: " in text
    assert bench.running() == (ONE, 1)
    assert [each.state for each in bench.ecs.rollouts] == ["COMPLETED"]


def test_a_first_deploy_that_fails_leaves_a_count_of_0_and_a_good_one_then_works(
    bench: Bench,
) -> None:
    bench.ecs.runs(TWO, 0)
    bench.ecs.behaviour[TWO] = "dies"
    text = bench.fails(inputs(timeout=1))
    assert "absent: timed out after 1 s: 0 of 1 tasks run" in text
    assert bench.ecs.of("update_service")[0]["forceNewDeployment"] is True
    assert "its desired count is now 0" in text
    assert bench.running() == (TWO, 0)
    bench.ecs.behaviour[TWO] = "good"
    assert bench.up().outputs["verdict"] == f"running {NEW}"
    assert bench.running() == (TWO, 1)


def test_tasks_that_are_only_starting_are_not_taken_for_healthy_ones(bench: Bench) -> None:
    bench.ecs.runs(TWO, 1)
    bench.ecs.behaviour[TWO] = "starting"
    bench.ecs.checked = True
    old = Old(inputs=inputs(), outputs={"deployed_definition": TWO})
    text = bench.fails(inputs(count=2, timeout=1), old)
    assert "timed out after 1 s: 1 tasks are not healthy yet" in text


def test_what_cannot_be_put_back_in_time_is_said_to_have_timed_out(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ecs_switch, "_MOST_BACK", 0.05)
    bench.ecs.behaviour = {TWO: "slow", ONE: "slow"}
    text = bench.fails(inputs(timeout=1))
    assert "timed out after 1 s: 0 of 1 tasks run" in text
    assert "backend:1 could not be put back" in text


def test_a_cancelled_run_stops_waiting_and_puts_back(bench: Bench) -> None:
    bench.ecs.runs(ONE, 3)
    bench.ecs.behaviour[TWO] = "slow"
    threading.Timer(0.2, bench.call.cancelled.set).start()
    text = bench.fails(inputs(count=3, timeout=60, policy="together"))
    assert f"put back to {OLD} (backend:1): backend: cancelled while" in text
    assert bench.running() == (ONE, 3)


def test_an_answer_from_before_the_update_is_not_taken_for_a_roll_back(bench: Bench) -> None:
    bench.ecs.stale = 3
    assert bench.up().outputs["verdict"] == f"running {NEW}"
    assert bench.ecs.stale == 0


def test_an_update_whose_answer_was_lost_is_looked_at_again(bench: Bench) -> None:
    bench.ecs.refusals["update_service"] = "lost"
    assert bench.up().outputs["verdict"] == f"running {NEW}"


def test_an_update_that_ecs_refuses_changes_nothing(bench: Bench) -> None:
    bench.ecs.refusals["update_service"] = "AccessDeniedException"
    text = bench.fails()
    assert f"still runs {OLD} (backend:1): giving the ECS service backend of main" in text
    assert "AccessDeniedException" in text
    assert bench.running() == (ONE, 1)


def test_a_service_that_is_not_there_is_named_with_its_cluster(bench: Bench) -> None:
    bench.ecs.refusals["describe_services"] = "ClusterNotFoundException"
    assert "there is no ECS service backend in the cluster main" in bench.fails()
    assert bench.ecs.writes == []


def test_a_task_before_the_rollout_runs_once_in_the_network_of_the_service(bench: Bench) -> None:
    made = bench.up(inputs(before={"command": ["python", "migrate.py"]}))
    (run,) = bench.ecs.of("run_task")
    assert run["taskDefinition"] == TWO
    assert run["networkConfiguration"] == NETWORK
    assert run["launchType"] == "FARGATE"
    override = {"name": "backend", "command": ["python", "migrate.py"]}
    assert run["overrides"] == {"containerOverrides": [override]}
    assert bench.ecs.writes == ["run_task", "update_service"]
    assert made.outputs["seconds"]["before"] >= 0
    again = bench.up(dict(made.inputs), made)
    assert "before" not in again.outputs["seconds"]


def test_a_task_before_the_rollout_that_fails_leaves_the_service_alone(bench: Bench) -> None:
    bench.ecs.behaviour["once"] = "7"
    text = bench.fails(inputs(before={"command": ["migrate"]}))
    assert f"still runs {OLD} (backend:1): the task before the rollout failed: " in text
    assert "backend ended with exit code 7" in text
    assert "log backend: no database" in text
    assert bench.ecs.writes == ["run_task"]


def test_a_task_before_the_rollout_that_does_not_end_is_stopped(bench: Bench) -> None:
    bench.ecs.behaviour["once"] = "slow"
    assert "had not ended after 1 s" in bench.fails(
        inputs(before={"command": ["migrate"]}, timeout=1)
    )
    assert bench.ecs.writes == ["run_task", "stop_task"]


def test_together_a_failure_is_a_verdict_that_the_next_diff_sees(bench: Bench) -> None:
    bench.ecs.behaviour[TWO] = "dies"
    bench.ecs.breaker = True
    made = bench.up(inputs(policy="together"))
    assert made.outputs["verdict"].startswith(f"put back to {OLD} (backend:1): ECS went to")
    assert made.outputs["deployed_digest"] == OLD
    assert bench.switched.switches() == {}
    assert "log backend: no database" in bench.switched.failures()["backend"].report
    assert bench.resource.diff(bench.call, made, made.inputs).changed == ["task_definition"]


def test_a_service_that_switched_can_be_put_back_from_outside(bench: Bench) -> None:
    made = bench.up()
    verdict = bench.switched.switches()["backend"](bench.call)
    assert (verdict.outcome, verdict.digest) == ("put-back", OLD)
    assert bench.running() == (ONE, 1)
    assert bench.resource.diff(bench.call, made, made.inputs).changed == ["task_definition"]
    assert "runs revision 1 of backend instead of 2" in bench.lines.facts[-1]


def test_a_preview_asks_and_changes_nothing(bench: Bench) -> None:
    outputs = bench.resource.settle(bench.call, inputs(), None, True)[1]
    assert outputs["deployed_digest"] == NEW
    assert outputs["verdict"] == UNKNOWN
    assert bench.ecs.calls == []
