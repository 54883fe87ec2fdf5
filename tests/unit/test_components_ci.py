"""The role of workflows as it is registered: who takes it, what it holds, what binds the others."""

from __future__ import annotations

import json
from typing import Any

import pulumi
import pytest

from components.ci_identity import CiIdentity, CiIdentityArgs
from components.ci_role import CiRole, CiRoleArgs
from components.documents.ci_estate import CiEstate
from tests.engine import Recording, build, failure_of, outputs_of
from tests.estates import DEV

PROVIDER = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
ROLE, POLICY = "aws:iam/role:Role", "aws:iam/policy:Policy"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
OIDC = "aws:iam/openIdConnectProvider:OpenIdConnectProvider"


def role(estate: CiEstate = DEV, **other: Any) -> Recording:
    given: dict[str, Any] = {"repository": "acme/shop", "branch": "main", **other}

    def program() -> Any:
        provider = pulumi.Output.from_input(PROVIDER)
        return outputs_of(CiRole("ci", CiRoleArgs(estate=estate, provider_arn=provider, **given)))

    return build(program)


def test_the_role_has_every_document_attached_and_nothing_inline() -> None:
    recording = role()
    policies = {each.name: each.inputs["name"] for each in recording.of(POLICY)}
    attached = [each.inputs["policyArn"] for each in recording.of(ATTACHMENT)]

    assert policies.pop("ci-boundary") == "slipway-dev-boundary"
    assert sorted(policies.values()) == [f"slipway-dev-ci-{n}" for n in range(1, len(policies) + 1)]
    assert sorted(arn.rpartition("/")[2] for arn in attached) == sorted(policies.values())
    assert {each.inputs["role"] for each in recording.of(ATTACHMENT)} == {"slipway-dev-ci"}
    assert recording.of("aws:iam/rolePolicy:RolePolicy") == []


def test_the_role_is_taken_for_an_hour_by_one_branch_alone() -> None:
    inputs = role().one(ROLE).inputs
    (statement,) = json.loads(inputs["assumeRolePolicy"])["Statement"]

    assert inputs["maxSessionDuration"] == 3600
    assert statement["Principal"] == {"Federated": PROVIDER}
    assert statement["Condition"]["StringEquals"] == {
        "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
        "token.actions.githubusercontent.com:sub": "repo:acme/shop:ref:refs/heads/main",
    }


def test_the_roles_own_boundary_is_no_limit_of_itself() -> None:
    """It would lose its rights to deploy; that it can't change itself is what keeps it."""
    assert "permissionsBoundary" not in role().one(ROLE).inputs


def test_a_boundary_of_ones_own_is_not_made() -> None:
    own = "arn:aws:iam::123456789012:policy/ours"
    recording = role(CiEstate(**{**vars(DEV), "boundary_arn": own}))

    assert "ci-boundary" not in {each.name for each in recording.of(POLICY)}
    assert recording.result["boundary_arn"] == own


@pytest.mark.parametrize("repository", ["acme", "acme/*", "*/shop", "acme/shop:x", "acme/shop/x"])
def test_a_repository_that_could_be_another_one_is_refused(repository: str) -> None:
    def program() -> Any:
        provider = pulumi.Output.from_input(PROVIDER)
        args = CiRoleArgs(estate=DEV, provider_arn=provider, repository=repository, branch="main")
        return CiRole("ci", args)

    assert f"{repository!r} is not a repository; allowed: owner/name" in failure_of(program)


def identity(**given: Any) -> Recording:
    args = CiIdentityArgs(account=given.pop("account", "123456789012"), **given)
    return build(lambda: outputs_of(CiIdentity("github", args)))


def test_the_provider_takes_tokens_for_aws_alone_and_stays() -> None:
    made = identity(protect=True).one(OIDC)

    assert made.inputs["url"] == "https://token.actions.githubusercontent.com"
    assert made.inputs["clientIdLists"] == ["sts.amazonaws.com"]
    assert made.retain_on_delete
    assert made.protect


def test_a_provider_of_another_stack_is_looked_up_by_its_arn() -> None:
    recording = identity(create=False)

    assert recording.of(OIDC) == []
    assert [args for _, args in recording.calls] == [{"arn": PROVIDER}]
    assert recording.result["arn"] == PROVIDER


def test_a_provider_that_is_not_there_is_named_with_the_way_to_it() -> None:
    args = CiIdentityArgs(account="999999999999", create=False)
    failure = failure_of(lambda: CiIdentity("github", args))

    assert "the identity provider token.actions.githubusercontent.com of account 9999" in failure
    assert "provider: {create: true}" in failure
