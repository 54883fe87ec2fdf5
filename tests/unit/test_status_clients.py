"""What `slipway status` asks AWS and Docker for: requests held against AWS's own model."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import botocore.session
import pytest
from botocore.stub import Stubber

from clients import docker_containers, ecs, lambda_, machines, schedules, ssm_agents
from clients.aws import AwsAccess, AwsError
from clients.docker_container import TRIAL
from clients.docker_containers import DockerContainers
from clients.machines import Machine
from clients.ssm_agents import Agent
from tests.fakes.docker_engine import FakeEngine

ACCESS = AwsAccess(region="eu-west-1")
ONE, TWO = "i-00000000000000001", "i-00000000000000002"


@pytest.fixture
def stubbed(monkeypatch: pytest.MonkeyPatch) -> Any:
    """boto's own client of a service, in a module of ours; answers are the test's."""

    def stub(module: Any, service: str) -> Stubber:
        made = botocore.session.get_session().create_client(
            service, region_name="eu-west-1", aws_access_key_id="a", aws_secret_access_key="b"
        )
        monkeypatch.setattr(module, "client", lambda access, name: made)
        stubber = Stubber(made)
        stubber.activate()
        return stubber

    return stub


def test_machines_of_a_tag_are_found_also_when_they_are_off(stubbed: Any) -> None:
    stub = stubbed(machines, "ec2")
    found = [
        {"InstanceId": TWO, "State": {"Name": "stopped"}},
        {"InstanceId": ONE, "State": {"Name": "running"}},
    ]
    asked = [
        {"Name": "tag:role", "Values": ["app"]},
        {
            "Name": "instance-state-name",
            "Values": ["pending", "running", "stopping", "stopped"],
        },
    ]
    answer = {"Reservations": [{"Instances": found}]}
    stub.add_response("describe_instances", answer, {"Filters": asked})
    assert machines.tagged(ACCESS, ("role", "app")) == [
        Machine(id=ONE, state="running"),
        Machine(id=TWO, state="stopped"),
    ]


def test_agents_are_asked_for_in_lots_of_fifty(stubbed: Any) -> None:
    stub = stubbed(ssm_agents, "ssm")
    ids = [f"i-{n:017x}" for n in range(60)]
    for lot in (ids[:50], ids[50:]):
        known = [{"InstanceId": lot[0], "PingStatus": "Online", "AgentVersion": "3.3.1"}]
        stub.add_response(
            "describe_instance_information",
            {"InstanceInformationList": known},
            {"Filters": [{"Key": "InstanceIds", "Values": lot}]},
        )
    agent = Agent(ping="Online", version="3.3.1")
    assert ssm_agents.agents(ACCESS, ids) == {ids[0]: agent, ids[50]: agent}
    stub.assert_no_pending_responses()


def test_a_document_s_hash_is_aws_s_own_and_none_without_a_document(stubbed: Any) -> None:
    stub = stubbed(ssm_agents, "ssm")
    stub.add_response("describe_document", {"Document": {"Hash": "f" * 64}}, {"Name": "d"})
    stub.add_client_error("describe_document", "InvalidDocument")
    stub.add_client_error("describe_document", "AccessDeniedException")
    assert ssm_agents.document_hash(ACCESS, "d") == "f" * 64
    assert ssm_agents.document_hash(ACCESS, "d") is None
    with pytest.raises(AwsError, match="AccessDenied"):
        ssm_agents.document_hash(ACCESS, "d")


def test_a_rule_says_what_it_starts_and_whether_it_does(stubbed: Any) -> None:
    stub = stubbed(schedules, "events")
    arn = "arn:aws:ecs:eu-west-1:123456789012:task-definition/prod-report:3"
    target = {"Id": "a", "Arn": arn, "EcsParameters": {"TaskDefinitionArn": arn}}
    said = {"State": "DISABLED", "ScheduleExpression": "rate(5 minutes)"}
    stub.add_response("describe_rule", said, {"Name": "prod-report"})
    stub.add_response("list_targets_by_rule", {"Targets": [target]}, {"Rule": "prod-report"})
    found = schedules.schedule(ACCESS, "prod-report")
    assert found is not None
    assert (found.enabled, found.expression) == (False, "rate(5 minutes)")
    assert found.task_definition == arn
    stub.add_client_error("describe_rule", "ResourceNotFoundException")
    assert schedules.schedule(ACCESS, "prod-report") is None


def test_ecs_says_since_when_and_whether_tasks_take_shells(stubbed: Any) -> None:
    stub = stubbed(ecs, "ecs")
    deployment = {
        "id": "ecs-svc/1",
        "status": "PRIMARY",
        "taskDefinition": "d:1",
        "createdAt": datetime(2026, 11, 21, 7, tzinfo=UTC),
    }
    service = {
        "serviceArn": "arn",
        "serviceName": "prod-api",
        "taskDefinition": "d:1",
        "enableExecuteCommand": True,
        "deployments": [deployment],
    }
    stub.add_response("describe_services", {"services": [service]})
    found = ecs.service(ACCESS, "c", "prod-api")
    assert found is not None
    assert found.takes_shells
    assert found.primary is not None
    assert found.primary.created == "2026-11-21T07:00:00.000Z"


def test_lambda_says_when_a_version_was_changed(stubbed: Any) -> None:
    stub = stubbed(lambda_, "lambda")
    said = {"FunctionName": "f", "LastModified": "2026-11-21T07:00:00.000+0000"}
    stub.add_response("get_function", {"Configuration": said, "Code": {}})
    found = lambda_.function(ACCESS, "f", "4")
    assert found is not None
    assert found.modified == "2026-11-21T07:00:00.000+0000"


class LoggingEngine(FakeEngine):
    """The engine's SDK as far as it lists and logs."""

    def containers(self, **asked: Any) -> list[dict[str, Any]]:  # type: ignore[override]
        assert asked == {"all": True, "filters": {"label": "slipway.service=p/s/web"}}
        return [
            {"Id": each, "Labels": made["Config"]["Labels"]} for each, made in self.there.items()
        ]

    def logs(self, container: str, **asked: Any) -> bytes:  # type: ignore[override]
        assert asked == {"timestamps": True, "tail": "all", "since": 5}
        return b"2026-11-21T07:00:00Z one\n2026-11-21T07:00:01Z \xff\n"


def test_containers_of_a_service_are_found_without_trials(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fake = LoggingEngine()
    ours = fake.add("web-1", "sha256:a", owner="p/s/web")
    trial = fake.add("web-trial", "sha256:a", owner="p/s/web")
    fake.there[trial]["Config"]["Labels"][TRIAL] = "p/s/web"
    monkeypatch.setattr(docker_containers, "_connect", lambda host: fake)
    engine = DockerContainers("unix:///x.sock")
    assert [each.id for each in engine.of_owner("p/s/web")] == [ours]
    lines = engine.timed_lines(ours, None, 5)
    assert lines == ["2026-11-21T07:00:00Z one", "2026-11-21T07:00:01Z \ufffd"]
