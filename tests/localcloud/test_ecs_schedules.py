"""Scheduled tasks: when a rule is due, and what it runs."""

import datetime

import pytest
import requests
from botocore.exceptions import ClientError

from localcloud.ecs.cron import due
from tests.localcloud.cloud import Cloud
from tests.localcloud.ecs_estate import Estate, build, make_role, within


@pytest.fixture
def estate(cloud: Cloud) -> Estate:
    """The estate of the tests of ECS."""
    return build(cloud)


def schedule(estate: Estate, name: str, definition: str, role: str) -> None:
    """A rule that runs a task every five minutes."""
    events = estate.cloud.client("events")
    events.put_rule(Name=name, ScheduleExpression="rate(5 minutes)")
    vpc = {"Subnets": [estate.subnet]}
    parameters = {"TaskDefinitionArn": definition, "LaunchType": "FARGATE", "TaskCount": 1}
    parameters["NetworkConfiguration"] = {"awsvpcConfiguration": vpc}
    cluster = f"arn:aws:ecs:eu-west-1:123456789012:cluster/{estate.cluster}"
    target = {"Id": "task", "Arn": cluster, "RoleArn": role, "EcsParameters": parameters}
    target["Input"] = '{"containerOverrides": [{"name": "app", "command": ["echo", "fired"]}]}'
    events.put_targets(Rule=name, Targets=[target])


def fire(estate: Estate, name: str) -> requests.Response:
    """Fires a rule now."""
    return requests.post(f"{estate.cloud.url}/_localcloud/rules/{name}/fire", timeout=10)


def test_a_fired_rule_runs_its_task_with_its_input(estate: Estate) -> None:
    allow = {"Effect": "Allow", "Action": ["ecs:RunTask", "iam:PassRole"], "Resource": "*"}
    role = make_role(estate.cloud, "events", "events", allow)
    schedule(estate, "nightly", estate.define("nightly", "echo never"), role)
    arn = fire(estate, "nightly").json()["answers"][0]["tasks"][0]["taskArn"]
    task = estate.ended(arn)
    assert task["startedBy"] == "events-rule/nightly"
    assert task["containers"][0]["exitCode"] == 0
    within(5, "written", lambda: estate.lines("nightly", arn) == ["fired"])


def test_a_rule_whose_role_may_not_run_tasks_says_so(estate: Estate) -> None:
    role = make_role(estate.cloud, "events-bare", "events")
    schedule(estate, "bare", estate.define("bare", "true"), role)
    failures = fire(estate, "bare").json()["answers"][0]["failures"]
    assert "is not authorized to perform: ecs:RunTask" in failures[0]["reason"]


def test_a_rule_that_is_not_there_is_named(estate: Estate) -> None:
    answer = fire(estate, "nobody")
    assert answer.status_code == 404
    assert "no rule 'nobody'" in answer.json()["message"]


def test_an_expression_that_is_none_is_refused(estate: Estate) -> None:
    events = estate.cloud.client("events")
    with pytest.raises(ClientError, match="Parameter ScheduleExpression is not valid"):
        events.put_rule(Name="wrong", ScheduleExpression="cron(61 * * * ? *)")


@pytest.mark.parametrize(
    ("expression", "now", "expected"),
    [
        ("rate(5 minutes)", "2026-11-21T10:05:00", True),
        ("rate(5 minutes)", "2026-11-21T10:04:59", False),
        ("rate(1 hour)", "2026-11-21T11:00:00", True),
        ("cron(0 12 * * ? *)", "2026-11-21T12:00:30", True),
        ("cron(0 12 * * ? *)", "2026-11-21T12:01:00", False),
        ("cron(0/15 8-18 ? * MON-FRI *)", "2026-11-20T18:45:00", True),
        ("cron(0/15 8-18 ? * MON-FRI *)", "2026-11-21T18:45:00", False),
        ("cron(0 0 1 JAN,JUL ? 2027)", "2027-07-01T00:00:00", True),
        ("cron(0 0 1 JAN,JUL ? 2027)", "2028-07-01T00:00:00", False),
    ],
)
def test_a_rule_is_due_when_eventbridge_says(expression: str, now: str, expected: bool) -> None:
    zone = datetime.UTC
    began = datetime.datetime(2026, 11, 20, 10, tzinfo=zone).timestamp()
    last = datetime.datetime(2026, 11, 21, 10, tzinfo=zone).timestamp()
    at = datetime.datetime.fromisoformat(now).replace(tzinfo=zone)
    assert due(expression, at, began, last) is expected


def test_a_cron_rule_runs_once_in_its_minute() -> None:
    at = datetime.datetime(2026, 11, 21, 12, 0, 30, tzinfo=datetime.UTC)
    assert due("cron(0 12 * * ? *)", at, 0, at.timestamp() - 120)
    assert not due("cron(0 12 * * ? *)", at, 0, at.timestamp() - 20)
