"""What the logging of sessions registers, property by property."""

from __future__ import annotations

import json
from typing import Any

import pytest

from components.documents.session_document import session_document, session_policy
from components.host import Host, HostArgs
from components.session_logging import SessionLoggingArgs
from tests.engine import Recorded, Recording, build, failure_of, outputs_of

KEY = "arn:aws:kms:eu-west-1:123456789012:key/0a1b2c3d"
GROUP = "arn:aws:logs:eu-west-1:123456789012:log-group:/slipway/sessions"
LOGS, DOCUMENT = "aws:cloudwatch/logGroup:LogGroup", "aws:ssm/document:Document"


def host(**sessions: Any) -> Any:
    args = HostArgs(
        stack="dev",
        region="eu-west-1",
        create=True,
        bucket="deploys",
        repository="registry.example/{image}",
        sessions=SessionLoggingArgs(region="eu-west-1", **sessions),
    )
    return lambda: outputs_of(Host("host", args))


def preferences(recording: Recording) -> Any:
    found = [one for one in recording.of(DOCUMENT) if one.inputs["documentType"] == "Session"]
    assert len(found) <= 1
    return found[0] if found else None


def session_logs(recording: Recording) -> list[Recorded]:
    return [one for one in recording.of(LOGS) if one.name != "host-deploys"]


def rights(recording: Recording) -> list[dict[str, Any]]:
    policies = recording.of("aws:iam/rolePolicy:RolePolicy")
    own = [one for one in policies if one.name == "host-sessions-policy"]
    return [each for one in own for each in json.loads(one.inputs["policy"])["Statement"]]


def test_sessions_are_logged_as_they_go_on_into_a_log_that_is_kept() -> None:
    recording = build(host(retention_days=90, protect=True))
    (log,), document = session_logs(recording), preferences(recording)
    inputs = json.loads(document.inputs["content"])["inputs"]

    assert log.inputs["name"] == inputs["cloudWatchLogGroupName"] == "/slipway/sessions"
    assert log.inputs["retentionInDays"] == 90
    assert (log.protect, log.retain_on_delete) == (True, True)
    assert inputs["cloudWatchStreamingEnabled"] is True
    assert document.inputs["name"] == "SSM-SessionManagerRunShell"
    assert log.urn in document.dependencies, "a session that finds no log is refused"


def test_a_machine_may_write_sessions_and_nothing_more() -> None:
    statements = rights(build(host()))

    assert [each["Sid"] for each in statements] == ["WriteSessions", "FindTheLog"]
    assert statements[0]["Resource"] == [GROUP, f"{GROUP}:*"]


def test_a_key_encrypts_the_session_and_its_log() -> None:
    recording = build(host(key=KEY))
    inputs = json.loads(preferences(recording).inputs["content"])["inputs"]

    assert [one.inputs["kmsKeyId"] for one in session_logs(recording)] == [KEY]
    assert (inputs["kmsKeyId"], inputs["cloudWatchEncryptionEnabled"]) == (KEY, True)
    assert rights(recording)[-1]["Resource"] == [KEY]


def test_without_a_key_no_encryption_is_demanded_that_would_refuse_every_session() -> None:
    inputs = json.loads(preferences(build(host())).inputs["content"])["inputs"]

    assert (inputs["kmsKeyId"], inputs["cloudWatchEncryptionEnabled"]) == ("", False)


def test_what_another_stack_made_is_written_to_and_not_made_again() -> None:
    recording = build(host(create=False))

    assert session_logs(recording) == []
    assert preferences(recording) is None
    assert rights(recording)[0]["Resource"] == [GROUP, f"{GROUP}:*"]


@pytest.mark.parametrize("minutes", [0, 61])
def test_a_time_that_aws_does_not_know_is_refused(minutes: int) -> None:
    with pytest.raises(ValueError, match="allowed: 1 to 60"):
        session_document(idle_minutes=minutes)


@pytest.mark.parametrize("key", ["*", "alias/mine", KEY + "*"])
def test_what_is_no_key_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="KMS key"):
        session_document(key=key)
    with pytest.raises(ValueError, match="KMS key"):
        session_policy(log_group_arn=GROUP, key=key)


def test_a_wildcard_is_no_log_group() -> None:
    with pytest.raises(ValueError, match="log group"):
        session_policy(log_group_arn=GROUP + "*")


def test_days_that_cloudwatch_does_not_know_are_refused() -> None:
    assert "allowed: 1, 3, 5" in failure_of(host(retention_days=2))
