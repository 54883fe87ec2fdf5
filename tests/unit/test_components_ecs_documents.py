"""The documents of services: sizes, checks, secrets and policies."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from components.documents.fargate import check_size
from components.documents.log_retention import check_retention
from components.documents.physical_names import by_digest, physical_name
from components.documents.secret_reference import parse_reference, value_from
from components.documents.service_policies import (
    execution_policy,
    function_policy,
    schedule_policy,
)
from components.documents.service_trust import trust_policy
from components.documents.task_definition import Balancer, EcsServiceSpec, container_definitions
from tests.golden import assert_golden

OWN = "arn:aws:{}:eu-west-1:123456789012:{}"
LOGS = OWN.format("logs", "log-group:/slipway/dev/backend")
REPOSITORY = OWN.format("ecr", "repository/dev/backend")
PARAMETER = OWN.format("ssm", "parameter/backend/db")
SECRET = OWN.format("secretsmanager", "secret:backend/key-AbCdEf")
KEY = OWN.format("kms", "key/0a1b")
FAMILY = OWN.format("ecs", "task-definition/dev-backend")
ROLES = [f"arn:aws:iam::123456789012:role/dev-backend-{kind}" for kind in ("task", "execution")]
DOCUMENTS: dict[str, Callable[[], str]] = {
    "ecs_execution_policy.json": lambda: execution_policy(
        log_group_arn=LOGS,
        repository_arn=REPOSITORY,
        secret_arns=[SECRET, PARAMETER],
        key_arns=[KEY],
    ),
    "ecs_schedule_policy.json": lambda: schedule_policy(
        task_definition_arn=FAMILY, role_arns=ROLES
    ),
    "ecs_trust_policy.json": lambda: trust_policy(
        "ecs-tasks", account="123456789012", source_arn=OWN.format("ecs", "*")
    ),
    "ecs_schedule_trust_policy.json": lambda: trust_policy(
        "events", account="123456789012", source_arn=OWN.format("events", "rule/dev-report")
    ),
    "lambda_policy.json": lambda: function_policy(
        log_group_arn=OWN.format("logs", "log-group:/aws/lambda/dev-notifier"),
        secret_arns=[PARAMETER, SECRET],
    ),
    "lambda_trust_policy.json": lambda: trust_policy("lambda"),
    "task_containers.json": lambda: container_definitions(
        EcsServiceSpec(name="backend", port=3000, health="/healthz", environment={"B": "2"}),
        image=f"registry.example/dev/backend@sha256:{'0' * 64}",
        log_group="/slipway/dev/backend",
        region="eu-west-1",
        secrets={"DB": PARAMETER},
    ),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_is_the_golden_one(name: str) -> None:
    assert_golden(name, DOCUMENTS[name]())


@pytest.mark.parametrize("name", [name for name in DOCUMENTS if "policy" in name])
def test_only_the_login_to_ecr_names_every_resource(name: str) -> None:
    for statement in json.loads(DOCUMENTS[name]())["Statement"]:
        assert statement["Sid"]
        if statement.get("Resource") == "*":
            assert statement["Action"] == "ecr:GetAuthorizationToken"


@pytest.mark.parametrize(
    "document",
    [
        lambda: execution_policy(log_group_arn="*", repository_arn=REPOSITORY),
        lambda: execution_policy(log_group_arn=LOGS, repository_arn="*"),
        lambda: execution_policy(log_group_arn=LOGS, repository_arn=None, secret_arns=["*"]),
        lambda: execution_policy(
            log_group_arn=LOGS, repository_arn=None, secret_arns=[OWN.format("ssm", "parameter/*")]
        ),
        lambda: function_policy(log_group_arn=LOGS, key_arns=["*"]),
        lambda: schedule_policy(task_definition_arn="*", role_arns=ROLES),
        lambda: schedule_policy(task_definition_arn=FAMILY, role_arns=["*"]),
        lambda: trust_policy("ecs-tasks", account="*"),
        lambda: trust_policy("ecs-tasks", source_arn="arn:aws:ecs:eu-west-1:*:*"),
        lambda: trust_policy("events", source_arn=OWN.format("events", "rule/*")),
    ],
)
def test_a_wildcard_is_refused_in_a_policy(document: Callable[[], str]) -> None:
    with pytest.raises(ValueError, match="allowed"):
        document()


@pytest.mark.parametrize(
    ("cpu", "memory"), [(256, 512), (256, 2048), (512, 4096), (2048, 16384), (16384, 122880)]
)
def test_a_size_that_fargate_has_is_taken(cpu: int, memory: int) -> None:
    check_size(cpu, memory)


@pytest.mark.parametrize(
    ("cpu", "memory", "said"),
    [
        (300, 512, "cpu 300 is no size of Fargate; allowed: 256, 512"),
        (256, 4096, "memory 4096 MiB doesn't go with cpu 256; allowed: 512, 1024 or 2048 MiB"),
        (1024, 2500, "memory 2500 MiB doesn't go with cpu 1024; allowed: 2048 to 8192 in steps of"),
        (8192, 17408, "allowed: 16384 to 61440 in steps of 4096 MiB"),
    ],
)
def test_a_size_that_fargate_lacks_is_refused_with_those_it_has(
    cpu: int, memory: int, said: str
) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        check_size(cpu, memory)


@pytest.mark.parametrize(
    ("text", "store", "name", "key"),
    [
        ("parameter:/backend/db", "parameter", "/backend/db", None),
        ("parameter:plain", "parameter", "plain", None),
        ("secret:backend/key", "secret", "backend/key", None),
        ("secret:backend/key:user", "secret", "backend/key", "user"),
    ],
)
def test_a_reference_names_store_name_and_key(
    text: str, store: str, name: str, key: str | None
) -> None:
    found = parse_reference(text)

    assert (found.store, found.name, found.json_key) == (store, name, key)
    assert str(found) == text
    assert value_from(found, "arn") == (f"arn:{key}::" if key else "arn")


@pytest.mark.parametrize(
    "text",
    ["hunter2", "parameter://", "parameter:/a//b", "parameter:/a b", "secret:a:b:c", "ssm:/a"],
)
def test_what_is_no_reference_is_refused_and_never_repeated(text: str) -> None:
    with pytest.raises(ValueError, match="is not a reference to a secret") as caught:
        parse_reference(text)

    assert text not in str(caught.value)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"balancer": Balancer(), "health": "/h", "port": None}, "health /h can't be asked for"),
        ({"balancer": Balancer(), "port": None}, "a balancer needs `port`"),
        ({"balancer": Balancer()}, "a balancer needs `health`"),
        ({"port": 0}, "0 is not a port"),
        ({"health": "healthz"}, "'healthz' is not a health path"),
        ({"drain": 121}, "drain 121 s; allowed: 2 to 120 s"),
        ({"grace": 301}, "grace 301 s"),
        ({"count": 0}, "count 0; allowed: 1 or more"),
        ({"retention_days": 31}, "31 is no number of days"),
        ({"secrets": {"A": "hunter2"}}, "secrets.A: a value of 7 characters"),
        ({"environment": {"A": "1"}, "secrets": {"A": "parameter:/a"}}, "A is in `environment`"),
        ({"environment": {"A-B": "1"}}, "'A-B' is not a variable"),
        ({"cpu": 256, "memory": 8192}, "doesn't go with cpu 256"),
        ({"schedule": "hourly"}, "is not a schedule"),
        ({"name": "Backend"}, "'Backend' is not a service"),
    ],
)
def test_what_cannot_work_is_refused_at_once(values: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        EcsServiceSpec(**{"name": "backend", "port": 3000, **values})


def test_names_are_as_long_as_aws_takes_and_differ_where_they_were_cut() -> None:
    one, two = (physical_name("s" * 60, f"backend-{n}", longest=64) for n in (1, 2))

    assert physical_name("dev", "backend", longest=64) == "dev-backend"
    assert one != two
    assert max(len(one), len(two)) <= 64
    assert re.fullmatch(r"[A-Za-z0-9-]+", physical_name("feature.x_1", "api", longest=64))


def test_an_image_by_digest_has_no_tag_but_keeps_its_port() -> None:
    assert by_digest("127.0.0.1:4510/dev/api:v1@sha256:00") == "127.0.0.1:4510/dev/api@sha256:00"
    assert by_digest("127.0.0.1:4510/api@sha256:00") == "127.0.0.1:4510/api@sha256:00"


def test_logs_are_kept_for_a_number_of_days_that_cloudwatch_has() -> None:
    assert check_retention(30) == 30
    with pytest.raises(ValueError, match=r"10 is no number of days .* allowed: 1, 3, 5, 7, 14, 30"):
        check_retention(10)
