"""The policy table on what the real engine has registered, so that mocks cannot lie."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.estate import Estate
from tests.policy import checks_kubernetes
from tests.policy.check import HELD, NOTHING, OPEN, Check
from tests.policy.resources import Resource, Resources
from tests.policy.table import CHECKS

STACK = "policy"
SERVICES = {
    "book-shop": {"target": "host", "port": 8000, "publish": 8080, "health": "/healthz"},
    "backend": {
        "target": "ecs",
        "port": 3000,
        "health": "/healthz",
        "timeout": 60,
        "grace": 0,
        "read_only": False,
    },
    "notifier": {
        "target": "lambda",
        "url": True,
        "smoke": {"ping": True},
        "tracing": True,
        "concurrency": 5,
    },
}
# The sample writes beside itself; nothing else of this stack differs from a default.
ALSO_OPEN = {"CKV_AWS_336, ECS.5"}


@pytest.fixture(scope="module")
def slipway(estate: Estate, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The slipway folder of a monorepo with a service on a host, on ECS and on Lambda."""
    folder = tmp_path_factory.mktemp("policy") / "monorepo"
    top = estate.checkout(folder, ("backend", "notifier", "book-shop"))
    estate.write_stack(
        top,
        STACK,
        registry={"kind": "ecr", "repository": "policy/{image}", "create": True},
        bundles={"bucket": "slipway-policy-deploys"},
        host={"create": True, "sessions": {"retention_days": 30}},
        services=SERVICES,
    )
    yield top / "deploy"
    estate.pulumi("destroy", "--yes", "--stack", STACK, cwd=top / "deploy")


@pytest.fixture(scope="module")
def exported(estate: Estate, slipway: Path) -> Resources:
    """What the state says of every resource of AWS."""
    estate.up(stack=STACK, cwd=slipway).ok()
    text = estate.pulumi("stack", "export", "--stack", STACK, cwd=slipway).ok()
    found = json.loads(text)["deployment"]["resources"]
    return tuple(Resource.exported(each) for each in found if each["type"].startswith("aws:"))


@pytest.mark.parametrize("check", CHECKS, ids=lambda one: one.ids.split(",")[0])
def test_the_engine_has_registered_what_the_table_demands(
    exported: Resources, check: Check
) -> None:
    outcome = check.outcome(exported)

    if outcome == OPEN:
        assert check.accepted or check.ids in ALSO_OPEN, check.title


def test_most_checks_had_something_to_look_at(exported: Resources) -> None:
    # Nothing of this stack is on a cluster.
    on_aws = [check for check in CHECKS if check not in checks_kubernetes.CHECKS]
    outcomes = [check.outcome(exported) for check in on_aws]

    assert outcomes.count(NOTHING) <= 8
    assert outcomes.count(HELD) >= 40


def test_a_second_update_finds_nothing_to_change(estate: Estate, slipway: Path) -> None:
    text = estate.preview("--expect-no-changes", stack=STACK, cwd=slipway).ok()
    assert "unchanged" in text


def test_the_region_has_the_preferences_of_its_sessions(
    estate: Estate, exported: Resources
) -> None:
    answer = estate.client("ssm").get_document(Name="SSM-SessionManagerRunShell")
    inputs = json.loads(answer["Content"])["inputs"]
    groups = estate.client("logs").describe_log_groups(logGroupNamePrefix="/slipway/sessions")

    assert inputs["cloudWatchLogGroupName"] == groups["logGroups"][0]["logGroupName"]
    assert groups["logGroups"][0]["retentionInDays"] == 30
    assert answer["DocumentType"] == "Session"
