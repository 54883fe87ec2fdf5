"""A task of ECS that runs by the clock."""

from __future__ import annotations

import json
from typing import Any

import pytest

from components.documents.schedule import check_schedule
from tests.engine import Recording, failure_of
from tests.unit.test_components_ecs import DIGEST, REVISION, ROLE, SERVICE, backend, program

RULE = "aws:cloudwatch/eventRule:EventRule"
TARGET = "aws:cloudwatch/eventTarget:EventTarget"


def scheduled(**values: Any) -> Recording:
    return backend(port=None, schedule="rate(5 minutes)", **values)


def test_a_scheduled_task_is_no_service() -> None:
    recording = scheduled()

    assert recording.of(SERVICE) == []
    assert recording.of("rollout:index:EcsRollout") == []
    assert recording.one(RULE).inputs == {
        "name": "dev-backend",
        "description": "Runs backend of dev",
        "scheduleExpression": "rate(5 minutes)",
    }


def test_the_rule_runs_this_revision_in_the_network_of_the_stack() -> None:
    made = scheduled().one(TARGET)

    assert made.inputs["arn"] == "arn:aws:ecs:eu-west-1:123456789012:cluster/slipway-dev"
    assert made.inputs["ecsTarget"] == {
        "taskDefinitionArn": REVISION,
        "launchType": "FARGATE",
        "taskCount": 1,
        "networkConfiguration": {
            "subnets": ["subnet-0a", "subnet-0b"],
            "securityGroups": ["backend-group-id"],
            "assignPublicIp": True,
        },
    }
    waited = {urn.rsplit("::", 1)[1] for urn in made.dependencies}
    assert {"backend-schedule-policy", "backend-execution-policy"} <= waited


def test_eventbridge_may_run_every_revision_of_this_task_with_its_two_roles_and_no_more() -> None:
    recording = scheduled()
    policies = {each.name: each for each in recording.of("aws:iam/rolePolicy:RolePolicy")}
    run, give = json.loads(policies["backend-schedule-policy"].inputs["policy"])["Statement"]
    roles = {each.name: each for each in recording.of(ROLE)}
    trust = json.loads(roles["backend-schedule-role"].inputs["assumeRolePolicy"])

    assert run["Action"] == "ecs:RunTask"
    assert run["Resource"] == REVISION.removesuffix("7") + "*"
    assert give["Action"] == "iam:PassRole"
    assert len(give["Resource"]) == 2
    assert all("backend" in role and "*" not in role for role in give["Resource"])
    assert trust["Statement"][0]["Principal"] == {"Service": "events.amazonaws.com"}


def test_it_says_what_is_scheduled_and_not_that_it_runs() -> None:
    result = scheduled().result

    assert result["verdict"] == f"scheduled {DIGEST}"
    assert result["digest"] == DIGEST


@pytest.mark.parametrize(
    ("values", "named"),
    [({"before": ("migrate",)}, "`before`"), ({"open_to": ("10.0.0.0/8",)}, "`open_to`")],
)
def test_what_a_scheduled_task_cannot_have_is_refused(values: dict[str, Any], named: str) -> None:
    said = failure_of(lambda: program(schedule="rate(1 hour)", **values))

    assert f"remove {named}, or `schedule`" in said


@pytest.mark.parametrize(
    "text",
    [
        "rate(1 minute)",
        "rate(5 minutes)",
        "rate(10 days)",
        "cron(0 12 * * ? *)",
        "cron(15 10 ? * 6L 2026-2028)",
        "cron(0/5 8-17 ? * MON-FRI *)",
    ],
)
def test_a_schedule_is_taken(text: str) -> None:
    assert check_schedule(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "rate(1 minutes)",
        "rate(5 minute)",
        "rate(0 minutes)",
        "rate(5 seconds)",
        "cron(0 12 * * * *)",
        "cron(0 12 ? * ? *)",
        "cron(0 12 * * ?)",
        "cron(0 12 * * ? *) ",
        "at(2026-11-21T00:00:00)",
        "every day",
    ],
)
def test_what_eventbridge_would_not_take_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a schedule; allowed: rate"):
        check_schedule(text)
