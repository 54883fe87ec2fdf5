"""Run Command: who listens, how long is waited, what is cancelled."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import botocore.session
import pytest
from botocore.exceptions import ClientError as BotoClientError
from botocore.exceptions import EndpointConnectionError, NoCredentialsError
from botocore.stub import Stubber

from clients import CancelledError, ssm, ssm_agents, ssm_fleet
from clients.aws import AwsAccess, AwsError, translated

ACCESS = AwsAccess(region="eu-west-1")
ONE, TWO = "i-00000000000000001", "i-00000000000000002"


@pytest.fixture
def stubbed(monkeypatch: pytest.MonkeyPatch) -> Stubber:
    """boto's own client of SSM: parameters are held against AWS's model, answers are ours."""
    client = botocore.session.get_session().create_client(
        "ssm", region_name="eu-west-1", aws_access_key_id="a", aws_secret_access_key="b"
    )
    for module in (ssm, ssm_agents):
        monkeypatch.setattr(module, "client", lambda access, service: client)
    stubber = Stubber(client)
    stubber.activate()
    return stubber


def test_a_command_pins_its_document_and_goes_to_all_instances_at_once(stubbed: Stubber) -> None:
    stubbed.add_response(
        "send_command",
        {"Command": {"CommandId": "0" * 36}},
        {
            "DocumentName": "deploy",
            "DocumentHash": "f" * 64,
            "DocumentHashType": "Sha256",
            "InstanceIds": [ONE, TWO],
            "Parameters": {"action": ["deploy"]},
            "Comment": "c" * 100,
            "TimeoutSeconds": 60,
            "MaxConcurrency": "100%",
            "MaxErrors": "100%",
            "CloudWatchOutputConfig": {
                "CloudWatchOutputEnabled": True,
                "CloudWatchLogGroupName": "/slipway/dev/host/deploys",
            },
        },
    )
    command = ssm.Command(
        log_group="/slipway/dev/host/deploys",
        document="deploy",
        document_hash="f" * 64,
        instances=[ONE, TWO],
        parameters={"action": "deploy"},
        comment="c" * 200,
    )
    assert ssm.send(ACCESS, command) == "0" * 36


def test_a_parameter_that_the_document_refuses_is_named(stubbed: Stubber) -> None:
    stubbed.add_client_error("send_command", "InvalidParameters", "version: does not match")
    command = ssm.Command(
        document="d", document_hash="f" * 64, instances=[ONE], parameters={}, comment=""
    )
    with pytest.raises(AwsError, match="InvalidParameters: version: does not match"):
        ssm.send(ACCESS, command)


def test_offline_and_unknown_hosts_are_told_apart(stubbed: Stubber) -> None:
    stubbed.add_response(
        "describe_instance_information",
        {
            "InstanceInformationList": [
                {"InstanceId": ONE, "PingStatus": "Online"},
                {"InstanceId": TWO, "PingStatus": "ConnectionLost"},
            ]
        },
    )
    other = "i-00000000000000003"
    assert ssm_fleet.offline(ACCESS, [ONE, TWO, other]) == {
        TWO: "its agent is ConnectionLost",
        other: "Systems Manager does not know it",
    }


class Fleet:
    """An SSM whose invocations go through given statuses, one per look."""

    def __init__(self, statuses: dict[str, list[str]]) -> None:
        self.statuses = statuses
        self.cancelled: list[list[str]] = []

    def get_command_invocation(self, **asked: str) -> dict[str, Any]:
        statuses = self.statuses[asked["InstanceId"]]
        status = statuses.pop(0) if len(statuses) > 1 else statuses[0]
        if status == "unknown":
            error = {"Error": {"Code": "InvocationDoesNotExist", "Message": ""}}
            raise BotoClientError(error, "GetCommandInvocation")
        return {"Status": status, "StatusDetails": status, "ResponseCode": 0}

    def cancel_command(self, **asked: Any) -> None:
        self.cancelled.append(asked["InstanceIds"])


@pytest.fixture
def fleet(monkeypatch: pytest.MonkeyPatch) -> Callable[[dict[str, list[str]]], Fleet]:
    def use(statuses: dict[str, list[str]]) -> Fleet:
        made = Fleet(statuses)
        monkeypatch.setattr(ssm, "client", lambda access, service: made)
        monkeypatch.setattr(ssm, "_POLL", (0.01, 0.02))
        return made

    return use


def wait(seconds: float = 5, cancelled: threading.Event | None = None) -> dict[str, str]:
    found = ssm.wait(
        ACCESS,
        "c",
        [ONE, TWO],
        deadline=time.monotonic() + seconds,
        cancelled=cancelled or threading.Event(),
    )
    return {instance: each.status for instance, each in found.items()}


def test_every_instance_is_waited_for(fleet: Callable[..., Fleet]) -> None:
    fleet({ONE: ["unknown", "Pending", "InProgress", "Success"], TWO: ["Failed"]})
    assert wait() == {ONE: "Success", TWO: "Failed"}


def test_a_command_that_stays_unknown_is_lost_there_and_not_elsewhere(
    fleet: Callable[..., Fleet], monkeypatch: pytest.MonkeyPatch
) -> None:
    fleet({ONE: ["unknown"], TWO: ["Success"]})
    monkeypatch.setattr(ssm, "_SEEN_WITHIN", 0.1)
    assert wait() == {ONE: ssm.LOST, TWO: "Success"}


@pytest.mark.parametrize("details", ["Delivery Timed Out", "DeliveryTimedOut"])
def test_how_an_invocation_ended_is_told_apart(stubbed: Stubber, details: str) -> None:
    stubbed.add_response("get_command_invocation", {"Status": "TimedOut", "StatusDetails": details})
    found = ssm.invocation(ACCESS, "0" * 36, ONE)
    assert found is not None
    assert found.status == "DeliveryTimedOut"


@pytest.mark.parametrize(
    ("version", "old"),
    [("3.3.2745.9", True), ("3.3.2746.0", False), ("3.10.0.0", False), ("", True), ("2.9", True)],
)
def test_an_agent_that_does_not_know_variables_is_named_with_its_version(
    stubbed: Stubber, version: str, old: bool
) -> None:
    entry = {"InstanceId": ONE, "PingStatus": "Online", "AgentVersion": version}
    stubbed.add_response("describe_instance_information", {"InstanceInformationList": [entry]})
    found = ssm_fleet.outdated(ACCESS, [ONE, TWO])
    assert found == ({ONE: f"its agent is {version or 'of an unknown version'}"} if old else {})


@pytest.mark.fault(17, "a script runs longer than its time")
def test_at_the_deadline_the_command_is_cancelled_where_it_still_runs(
    fleet: Callable[..., Fleet],
) -> None:
    made = fleet({ONE: ["InProgress"], TWO: ["Success"]})
    assert wait(0.1) == {ONE: "InProgress", TWO: "Success"}
    assert made.cancelled == [[ONE]]


def test_cancelling_ends_the_poll_at_once_and_the_command_too(
    fleet: Callable[..., Fleet], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = fleet({ONE: ["InProgress"], TWO: ["InProgress"]})
    monkeypatch.setattr(ssm, "_POLL", (30.0, 30.0))
    cancelled = threading.Event()
    threading.Timer(0.2, cancelled.set).start()
    began = time.monotonic()
    with pytest.raises(CancelledError):
        wait(60, cancelled)
    assert time.monotonic() - began < 2
    assert made.cancelled == [[ONE, TWO]]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (EndpointConnectionError(endpoint_url="http://127.0.0.1:4566"),
         "asking: http://127.0.0.1:4566 does not answer"),
        (NoCredentialsError(), "asking: no AWS credentials were found"),
        (BotoClientError({"Error": {"Code": "ExpiredToken", "Message": "over"}}, "X"),
         "asking: the AWS credentials have expired"),
        (BotoClientError({"Error": {"Code": "RequestTimeTooSkewed", "Message": "13 h"}}, "X"),
         "asking: the clock of this machine is wrong"),
        (BotoClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "X"),
         "asking: AccessDenied: no"),
    ],
)  # fmt: skip
def test_each_of_aws_s_errors_is_one_sentence(error: Exception, said: str) -> None:
    def ask() -> None:
        with translated("asking"):
            raise error

    with pytest.raises(AwsError) as raised:
        ask()
    assert str(raised.value).startswith(said)
    assert "\n" not in str(raised.value)
    assert raised.value.__cause__ is None
