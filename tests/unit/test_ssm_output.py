"""The end of an output that Systems Manager has cut."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError as BotoClientError

from clients import ssm_output
from clients.aws import AwsAccess
from clients.ssm import Invocation

ACCESS = AwsAccess(region="eu-west-1")
CUT = Invocation(instance="i-1", status="Failed", code=1, stdout="x" * 24_000, stderr="bad\n")


class Log:
    """A log stream whose last line arrives at a later look."""

    def __init__(self, *looks: list[str] | str) -> None:
        self.looks, self.asked = list(looks), []  # type: ignore[var-annotated]

    def get_log_events(self, **asked: Any) -> dict[str, Any]:
        self.asked.append(asked)
        look = self.looks.pop(0) if len(self.looks) > 1 else self.looks[0]
        if isinstance(look, str):
            raise BotoClientError({"Error": {"Code": look, "Message": "no"}}, "GetLogEvents")
        return {"events": [{"message": line} for line in look]}


def read(monkeypatch: pytest.MonkeyPatch, log: Log, done: Invocation = CUT) -> Invocation:
    monkeypatch.setattr(ssm_output, "client", lambda access, service: log)
    monkeypatch.setattr(ssm_output, "_WRITTEN_WITHIN", 1.2)
    return ssm_output.with_its_end(ACCESS, "/g", "c", done, lambda text: text.endswith("end"))


def test_the_end_is_waited_for_and_takes_the_place_of_the_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    log = Log("ResourceNotFoundException", ["one"], ["one", "end"])
    assert read(monkeypatch, log).stdout == "one\nend"
    assert log.asked[0]["logStreamName"] == "c/i-1/deploy/stdout"
    assert log.asked[0]["startFromHead"] is False


def test_output_that_is_whole_is_not_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    log = Log(["other"])
    done = Invocation(instance="i-1", status="Failed", code=1, stdout="short")
    assert read(monkeypatch, log, done) == done
    assert log.asked == []


def test_a_log_without_an_end_is_said_beside_what_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    found = read(monkeypatch, Log(["some"]))
    assert found.stdout == "some"
    assert found.stderr.startswith("bad\n")
    assert "may the role of the host write it?" in found.stderr


def test_a_log_that_may_not_be_read_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    found = read(monkeypatch, Log("AccessDeniedException"))
    assert found.stdout == CUT.stdout
    assert "AccessDenied" in found.stderr


def test_without_a_log_that_is_said() -> None:
    found = ssm_output.with_its_end(ACCESS, None, "c", CUT, lambda text: True)
    assert "no log of CloudWatch has the rest" in found.stderr
