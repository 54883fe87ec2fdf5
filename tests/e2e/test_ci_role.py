"""The role of workflows, made by the real engine in the local cloud."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from components.documents.ci_estate import CiEstate
from components.documents.ci_policies import boundary_document, ci_documents
from tests.estate import Estate

STACK, OTHER = "ci", "ci-other"
CI = {"repository": "acme/shop", "branch": "main"}
HOST = "token.actions.githubusercontent.com"
PROVIDER = f"arn:aws:iam::123456789012:oidc-provider/{HOST}"
WITHOUT = {"services": None, "host": None}
MADE = CiEstate(
    stack=STACK,
    region="eu-west-1",
    account="123456789012",
    images="build",
    repositories=("ci/atta", "ci/book-shop"),
    bucket="slipway-ci-deploys",
)


@pytest.fixture(scope="module")
def monorepo(estate: Estate, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A checkout of its own with two stacks that have a role and run nothing."""
    top = estate.checkout(tmp_path_factory.mktemp("ci") / "monorepo")
    places: dict[str, Any] = {
        "registry": {"kind": "ecr", "repository": "ci/{image}", "create": True},
        "bundles": {"bucket": "slipway-ci-deploys", "create": True},
    }
    estate.write_stack(top, STACK, ci=CI, **places, **WITHOUT)
    theirs = {**CI, "provider": {"create": False}}
    borrowed = {key: {**place, "create": False} for key, place in places.items()}
    estate.write_stack(top, OTHER, ci=theirs, **borrowed, **WITHOUT)
    yield top
    for stack in (STACK, OTHER):
        estate.run("pulumi", "stack", "rm", stack, "--yes", "--force", cwd=top / "deploy")


def test_a_provider_that_nobody_has_made_is_named(estate: Estate, monorepo: Path) -> None:
    text = estate.preview(stack=OTHER, cwd=monorepo / "deploy").refused()

    assert f"the identity provider {HOST} of account 123456789012 can't be looked up" in text
    assert "provider: {create: true}" in text


def test_a_wrong_repository_is_refused_and_nothing_is_done(estate: Estate, monorepo: Path) -> None:
    estate.write_stack(monorepo, "ci-wrong", ci={"repository": "shop"}, **WITHOUT)
    before = estate.counters()
    text = estate.up(stack="ci-wrong", cwd=monorepo / "deploy").refused()

    assert "slipway:ci.repository: 'shop'" in text
    assert "allowed: owner/name" in text
    assert estate.counters()["api_writes"] == before["api_writes"]
    # Plugins were started before the stack file was read: the state has them, and nothing else.
    gone = ("destroy", "--yes", "--skip-preview", "--remove", "--stack", "ci-wrong")
    estate.pulumi(*gone, cwd=monorepo / "deploy").ok()
    assert estate.counters()["api_writes"] == before["api_writes"]


@pytest.fixture(scope="module")
def deployed(estate: Estate, monorepo: Path) -> dict[str, Any]:
    """What the first update says of the role."""
    estate.up(stack=STACK, cwd=monorepo / "deploy").ok()
    text = estate.pulumi("stack", "output", "--json", "--stack", STACK, cwd=monorepo / "deploy")
    outputs: dict[str, Any] = json.loads(text.ok())["ci"]
    return outputs


def policy_of(iam: Any, arn: str) -> Any:
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    return iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]


def test_the_role_is_made_for_the_branch_with_exactly_its_documents(
    estate: Estate, deployed: dict[str, Any]
) -> None:
    iam = estate.client("iam")
    role = iam.get_role(RoleName="slipway-ci-ci")["Role"]
    attached = iam.list_attached_role_policies(RoleName="slipway-ci-ci")["AttachedPolicies"]
    in_order = sorted(attached, key=lambda each: each["PolicyName"])
    (statement,) = role["AssumeRolePolicyDocument"]["Statement"]

    assert deployed["role"] == role["Arn"]
    assert statement["Principal"] == {"Federated": PROVIDER}
    assert statement["Condition"]["StringEquals"] == {
        f"{HOST}:aud": "sts.amazonaws.com",
        f"{HOST}:sub": "repo:acme/shop:ref:refs/heads/main",
    }
    assert [policy_of(iam, each["PolicyArn"]) for each in in_order] == [
        json.loads(text) for text in ci_documents(MADE)
    ]
    assert policy_of(iam, deployed["boundary"]) == json.loads(boundary_document(MADE))


def test_the_provider_takes_tokens_for_aws_alone(estate: Estate, deployed: dict[str, Any]) -> None:
    made = estate.client("iam").get_open_id_connect_provider(OpenIDConnectProviderArn=PROVIDER)

    assert (made["Url"], made["ClientIDList"]) == (HOST, ["sts.amazonaws.com"])


def test_a_second_update_changes_nothing(
    estate: Estate, monorepo: Path, deployed: dict[str, Any]
) -> None:
    before = estate.counters()
    text = estate.up(stack=STACK, cwd=monorepo / "deploy").ok()

    assert " unchanged" in text
    assert "updated" not in text
    assert "created" not in text
    for name in ("builds", "registry_writes", "s3_writes", "api_writes"):
        assert estate.counters()[name] == before[name], text


def test_another_stack_looks_the_provider_up(
    estate: Estate, monorepo: Path, deployed: dict[str, Any]
) -> None:
    text = estate.preview("--json", stack=OTHER, cwd=monorepo / "deploy").ok()
    steps = json.loads(text[text.index("{") :])["steps"]
    types = {each["newState"]["type"]: each["newState"].get("inputs", {}) for each in steps}

    assert "aws:iam/openIdConnectProvider:OpenIdConnectProvider" not in types
    assert PROVIDER in json.dumps(types["aws:iam/role:Role"])
