"""The documents of workflows' roles: golden files, who takes the role, AWS's limits."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from components.documents.ci_estate import CiEcs, CiEstate, CiEvents, CiState
from components.documents.ci_images import give_images
from components.documents.ci_policies import boundary_document, ci_documents
from components.documents.ci_trust import ci_trust_policy
from components.documents.grants import Grants
from components.documents.policies import host_policy
from components.documents.statements import MANAGED_POLICY_LIMIT, allow, document, packed
from tests.estates import APART, DEV, KEY, PROD
from tests.golden import assert_golden

PROVIDER = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
SUB = "token.actions.githubusercontent.com:sub"
UPLOADS = {"ecr:InitiateLayerUpload", "ecr:UploadLayerPart", "ecr:CompleteLayerUpload"}


def readable(*texts: str) -> str:
    return json.dumps([json.loads(text) for text in texts], indent=1) + "\n"


def images(estate: CiEstate) -> str:
    grants = Grants(estate.region)
    give_images(grants, estate)
    return document(grants.whole())


def trust(**given: Any) -> str:
    return ci_trust_policy(provider_arn=PROVIDER, repository="acme/shop", **given)


GOLDEN: dict[str, Callable[[], str]] = {
    "ci_build.json": lambda: readable(images(DEV)),
    "ci_promote_within.json": lambda: readable(images(PROD)),
    "ci_promote_across.json": lambda: readable(images(APART)),
    "ci_documents_dev.json": lambda: readable(*ci_documents(DEV)),
    "ci_documents_prod.json": lambda: readable(*ci_documents(PROD)),
    "ci_documents_apart.json": lambda: readable(*ci_documents(APART)),
    "ci_boundary_dev.json": lambda: readable(boundary_document(DEV)),
    "ci_trust_branch.json": lambda: readable(trust(branch="main", tag="*-dev")),
    "ci_trust_environment.json": lambda: readable(trust(environment="production")),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_a_document_is_the_golden_one(name: str) -> None:
    assert_golden(name, GOLDEN[name]())


def actions(text: str) -> set[str]:
    return {action for each in json.loads(text)["Statement"] for action in each["Action"]}


def test_the_boundary_lets_a_host_do_what_its_own_policy_says() -> None:
    own = host_policy(
        bucket=DEV.bucket,
        stack="dev",
        region=DEV.region,
        repository_arns=DEV.repository_arns,
        bundle_key=KEY,
        parameter_paths=["/book-shop/"],
    )
    bound = boundary_document(replace(DEV, bucket_key=KEY))
    asked = {
        action
        for each in json.loads(own)["Statement"]
        for action in ([each["Action"]] if isinstance(each["Action"], str) else each["Action"])
    }
    assert asked <= actions(bound)
    read = [each for each in json.loads(bound)["Statement"] if each["Sid"] == "ReadPaths"]
    assert [each["Resource"] for each in read] == [
        [f"arn:aws:ssm:eu-west-1:123456789012:parameter/book-shop{more}" for more in ("", "/*")]
    ]


def test_a_stack_reads_no_names_of_parameters_unless_its_hosts_need_some() -> None:
    asks = [
        any("ssm:DescribeParameters" in actions(text) for text in ci_documents(estate))
        for estate in (DEV, PROD)
    ]
    assert asks == [True, False]


def test_promoting_within_a_repository_names_images_and_uploads_nothing() -> None:
    assert "ecr:PutImage" in actions(images(PROD))
    assert not UPLOADS & actions(images(PROD))


def test_promoting_across_repositories_uploads_into_its_own_and_reads_the_source() -> None:
    by_sid = {each["Sid"]: each for each in json.loads(images(APART))["Statement"]}

    assert set(by_sid["BringImages"]["Action"]) > UPLOADS
    assert by_sid["BringImages"]["Resource"] == [APART.arn("ecr", "repository/prod/backend")]
    assert by_sid["ReadSources"]["Resource"] == list(APART.sources)
    assert not (UPLOADS | {"ecr:PutImage"}) & set(by_sid["ReadSources"]["Action"])


def test_nothing_that_holds_images_or_records_can_be_deleted() -> None:
    every = {
        action for each in (DEV, PROD, APART) for t in ci_documents(each) for action in actions(t)
    }

    assert (
        not {
            *("ecr:DeleteRepository", "ecr:BatchDeleteImage", "s3:DeleteBucket"),
            *("s3:DeleteObjectVersion", "s3:DeleteBucketPolicy", "s3:BypassGovernanceRetention"),
        }
        & every
    )


def test_objects_are_deleted_in_the_state_of_this_stack_alone() -> None:
    deleting = [
        resource
        for text in ci_documents(DEV)
        for each in json.loads(text)["Statement"]
        if "s3:DeleteObject" in each["Action"]
        for resource in each["Resource"]
    ]

    assert deleting
    assert all(each.startswith("arn:aws:s3:::acme-state/.pulumi/") for each in deleting)
    assert all("/slipway/dev" in each for each in deleting)


@pytest.mark.parametrize(
    ("given", "sub"),
    [
        ({"branch": "main"}, "repo:acme/shop:ref:refs/heads/main"),
        ({"environment": "production"}, "repo:acme/shop:environment:production"),
        ({"tag": "v1.2.0-dev"}, "repo:acme/shop:ref:refs/tags/v1.2.0-dev"),
    ],
)
def test_a_place_on_github_is_compared_exactly(given: dict[str, str], sub: str) -> None:
    (statement,) = json.loads(trust(**given))["Statement"]

    assert statement["Condition"]["StringEquals"][SUB] == sub
    assert set(statement["Condition"]) == {"StringEquals"}


def test_tags_have_a_pattern_of_their_own_beside_the_branch() -> None:
    branch, tags = json.loads(trust(branch="main", tag="*-dev"))["Statement"]

    assert branch["Condition"]["StringEquals"][SUB] == "repo:acme/shop:ref:refs/heads/main"
    assert tags["Condition"]["StringLike"] == {SUB: "repo:acme/shop:ref:refs/tags/*-dev"}
    assert [*tags["Condition"]["StringEquals"].values()] == ["sts.amazonaws.com"]


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"branch": "*"},
        {"branch": "feature/*"},
        {"branch": "main\n"},
        {"environment": "prod*"},
        {"environment": "a:b"},
        {"tag": "*"},
        {"tag": "**"},
        {"tag": "v?"},
    ],
)
def test_a_place_that_could_be_any_is_refused(given: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"allowed|say a branch"):
        trust(**given)


def test_a_repository_with_numbers_in_its_name_is_compared_exactly_too() -> None:
    text = ci_trust_policy(
        provider_arn=PROVIDER, repository="acme@12/shop@345", environment="production"
    )

    assert "repo:acme@12/shop@345:environment:production" in text


@pytest.mark.parametrize("estate", [DEV, PROD, APART], ids=["dev", "prod", "apart"])
def test_every_document_is_of_awss_size_and_its_sids_are_its_own(estate: CiEstate) -> None:
    for text in (*ci_documents(estate), boundary_document(estate)):
        assert len(text) <= MANAGED_POLICY_LIMIT
        sids = [each["Sid"] for each in json.loads(text)["Statement"]]
        assert len(set(sids)) == len(sids)
        assert all(sid.isalnum() for sid in sids), "AWS takes letters and digits alone"


def test_thirty_services_are_split_over_documents_without_losing_one() -> None:
    names = [f"service-number-{n}" for n in range(30)]
    large = replace(DEV, repositories=names, ecs=[CiEcs(name=name) for name in names])
    texts = ci_documents(large)
    whole = "".join(texts)

    assert len(texts) > 3
    assert max(map(len, texts)) <= MANAGED_POLICY_LIMIT
    for name in names:
        assert f"repository/{name}" in whole
        assert f"role/dev-{name}-task" in whole


def test_a_stack_that_no_role_could_deploy_is_refused_with_the_way_out() -> None:
    names = [f"service-number-{n}-with-a-long-name" for n in range(150)]
    huge = replace(DEV, repositories=names, ecs=[CiEcs(name=name, balancer=True) for name in names])

    with pytest.raises(ValueError, match="put some of its services into another stack"):
        ci_documents(huge)
    with pytest.raises(ValueError, match=r"name it in slipway:ci\.boundary"):
        boundary_document(huge)


def test_a_statement_is_cut_by_its_resources() -> None:
    many = [f"arn:aws:sns:eu-west-1:123456789012:{n:04}" for n in range(40)]
    texts = packed([allow("One", ["sns:Publish"], many)], limit=600)
    found = [
        each for text in texts for s in json.loads(text)["Statement"] for each in s["Resource"]
    ]

    assert found == many
    assert max(map(len, texts)) <= 600


@pytest.mark.parametrize("action", ["ecr:*", "*", "ecr:Put*", "PutImage"])
def test_an_action_with_a_wildcard_is_refused(action: str) -> None:
    with pytest.raises(ValueError, match="nothing to allow"):
        allow("Wide", [action], "arn:aws:s3:::bucket")


def test_a_state_without_a_key_needs_no_key() -> None:
    plain = replace(DEV, state=CiState(bucket="acme-state", project="slipway"))

    assert "kms:Encrypt" not in "".join(ci_documents(plain))
    assert "kms:Encrypt" in "".join(ci_documents(DEV))


def test_who_tells_of_deployments_may_publish_and_read_those_values_alone() -> None:
    topic = "arn:aws:sns:eu-west-1:123456789012:deployments"
    told = CiEvents(topic=topic, parameters=["/event-key"], secrets=["hooks"])
    found = [
        each
        for text in ci_documents(replace(DEV, events=told, parameters=["/backend/db"]))
        for each in json.loads(text)["Statement"]
    ]
    by_sid = {each["Sid"]: each for each in found}
    arn = "arn:aws:{}:eu-west-1:123456789012:{}"
    key = arn.format("ssm", "parameter/event-key")
    hooks = arn.format("secretsmanager", "secret:hooks-??????")
    assert by_sid["TellTopic"]["Resource"] == [topic]
    assert by_sid["ReadEventParameters"]["Resource"] == [key]
    assert by_sid["ReadEventSecrets"]["Action"] == ["secretsmanager:GetSecretValue"]
    assert by_sid["ReadEventSecrets"]["Resource"] == [hooks]
    assert by_sid["NeverReadValues"]["Condition"]["StringNotLike"] == {
        "kms:EncryptionContext:PARAMETER_ARN": [key],
        "kms:EncryptionContext:SecretARN": [hooks],
    }


def test_without_events_no_value_may_be_read() -> None:
    text = "".join(ci_documents(replace(DEV, parameters=["/backend/db"])))
    assert "sns:Publish" not in text
    assert "StringNotLike" not in text.partition("NeverReadValues")[2].partition("}]")[0]
