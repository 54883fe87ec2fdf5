"""Every policy that slipway writes, beside AWS's own table of actions and their resources."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pulumi_aws as aws
import pytest
from policy_sentry.querying.actions import get_action_data

from components.documents import ci_actions, ci_workload_actions
from components.documents.ci_anywhere import ANYWHERE
from components.documents.ci_policies import boundary_document, ci_documents
from tests.estates import APART, DEV, PROD

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests/golden"
RUNTIME = (
    "host_policy.json",
    "ecs_execution_policy.json",
    "ecs_schedule_policy.json",
    "lambda_policy.json",
)
# Newer than the table: https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ListImageReferrers.html
NEWER = {"ecr:ListImageReferrers"}
# AWS knows container instances alone for it, and Fargate has none; the condition names the cluster:
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/security_iam_id-based-policy-examples.html
BY_CONDITION = {"ecs:ListTasks": "ecs:cluster"}
TABLES = {
    token: actions
    for module in (ci_actions, ci_workload_actions)
    for table in vars(module).values()
    if isinstance(table, dict)
    for token, actions in table.items()
    if ":" in token
}

Statement = dict[str, Any]


def documents() -> Iterator[tuple[str, str]]:
    for name in RUNTIME:
        yield name, (GOLDEN / name).read_text()
    for estate, label in ((DEV, "dev"), (PROD, "prod"), (APART, "apart")):
        yield f"{label}, boundary", boundary_document(estate)
        yield from ((f"{label}, {n}", text) for n, text in enumerate(ci_documents(estate)))


def listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


STATEMENTS = [
    pytest.param(each, id=f"{name}: {each['Sid']}")
    for name, text in documents()
    for each in json.loads(text)["Statement"]
]


def kinds(action: str) -> set[str]:
    """The ARNs that AWS knows for an action; `*` alone where it knows none."""
    service, _, name = action.partition(":")
    found = get_action_data(service, name)
    assert found, f"{action} is no action of AWS"
    return {each["resource_arn_format"] for each in found[service]}


@pytest.mark.parametrize("statement", STATEMENTS)
def test_only_what_awss_table_knows_no_resource_for_is_allowed_on_all(statement: Statement) -> None:
    if "*" not in listed(statement["Resource"]):
        return
    for action in listed(statement["Action"]):
        if action in BY_CONDITION:
            assert BY_CONDITION[action] in str(statement["Condition"])
        else:
            assert kinds(action) == {"*"}, f"{action} could be narrowed"
            assert action in ANYWHERE, f"{action} is not in the list of those, with AWS's page"


@pytest.mark.parametrize("statement", STATEMENTS)
def test_every_action_is_one_of_aws_and_none_is_a_pattern(statement: Statement) -> None:
    assert "NotAction" not in statement
    assert "NotResource" not in statement
    for action in listed(statement["Action"]):
        assert "*" not in action
        assert action in NEWER or kinds(action)


@pytest.mark.parametrize("statement", STATEMENTS)
def test_a_named_resource_is_one_that_the_action_knows(statement: Statement) -> None:
    """A right on a resource that AWS doesn't know for the action would allow nothing."""
    given = [each for each in listed(statement["Resource"]) if each != "*"]
    if not given or statement["Effect"] == "Deny":
        return
    services = {each.split(":")[2] for each in given}
    for action in set(listed(statement["Action"])) - NEWER:
        known = {each.split(":")[2] for each in kinds(action) if each != "*"}
        assert known & services, f"{action} knows {known}, not {services}"


def test_every_action_without_a_resource_is_so_in_awss_table_too() -> None:
    assert {action for action in ANYWHERE if kinds(action) != {"*"}} == set()


def test_roles_are_passed_by_name_to_the_service_that_takes_them() -> None:
    passing = [
        each
        for _, text in documents()
        for each in json.loads(text)["Statement"]
        if "iam:PassRole" in listed(each["Action"])
    ]
    assert passing
    for statement in passing:
        assert all("*" not in arn for arn in listed(statement["Resource"]))
        assert set(statement["Condition"]["StringEquals"]) == {"iam:PassedToService"}


def test_every_type_that_a_component_makes_has_a_row_in_the_table() -> None:
    made = {token for path in sorted((ROOT / "components").glob("*.py")) for token in tokens(path)}

    assert len(made) > 20
    assert made - TABLES.keys() == set()


def tokens(path: Path) -> Iterator[str]:
    """The types of `aws.<module>.<Class>(...)` in a file."""
    for node in ast.walk(ast.parse(path.read_text())):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        module = node.func.value
        if isinstance(module, ast.Attribute) and ast.unparse(module.value) == "aws":
            found = getattr(getattr(aws, module.attr), node.func.attr, None)
            token = getattr(found, "pulumi_type", "")
            if token:
                yield token
