"""Repositories that others read too: in ECR Public, and from another account."""

from __future__ import annotations

import json

import pytest

from components.repository import ImageRepository, ImageRepositoryArgs
from tests.engine import failure_of
from tests.unit.test_components import REPOSITORY, repository

PUBLIC = "aws:ecrpublic/repository:Repository"
POLICY = "aws:ecr/repositoryPolicy:RepositoryPolicy"


def test_a_public_repository_is_made_where_ecr_public_is_and_never_deletes_images() -> None:
    recording = repository(registry="ecr-public", alias="a1b2c3d4", protect=True)
    made = recording.one(PUBLIC)

    assert made.inputs == {
        "repositoryName": "dev/atta",
        "region": "us-east-1",
        "forceDestroy": False,
    }
    assert made.retain_on_delete
    assert made.protect
    assert recording.result == {"uri": "public.ecr.aws/a1b2c3d4/dev/atta", "arn": None}


def test_a_public_repository_of_another_stack_is_only_named() -> None:
    recording = repository(registry="ecr-public", alias="a1b2c3d4", create=False)

    assert [each.type for each in recording.resources] == ["slipway:index:ImageRepository"]
    assert recording.calls == []
    assert recording.result == {"uri": "public.ecr.aws/a1b2c3d4/dev/atta", "arn": None}
    local = repository(
        registry="ecr-public", alias="x1", create=False, public_host="127.0.0.2:4510"
    )
    assert local.result["uri"] == "127.0.0.2:4510/x1/dev/atta"


@pytest.mark.parametrize("create", [True, False])
def test_a_public_repository_needs_the_alias(create: bool) -> None:
    said = failure_of(
        lambda: ImageRepository(
            "atta",
            ImageRepositoryArgs(
                image="atta",
                repository="dev/atta",
                registry="ecr-public",
                create=create,
                protect=False,
                region="eu-west-1",
            ),
        )
    )

    assert "add `alias: a1b2c3d4` to slipway:registry" in said


def test_other_accounts_may_pull_and_nothing_else() -> None:
    recording = repository(readers=["222222222222", "111111111111"])
    policy = recording.one(POLICY)
    (statement,) = json.loads(policy.inputs["policy"])["Statement"]

    assert policy.inputs["repository"] == "dev/atta"
    assert policy.retain_on_delete
    assert statement["Effect"] == "Allow"
    assert statement["Principal"] == {
        "AWS": ["arn:aws:iam::111111111111:root", "arn:aws:iam::222222222222:root"]
    }
    assert statement["Action"] == ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]


def test_lambda_may_still_pull_for_the_functions_of_this_account_where_others_read_too() -> None:
    policy = json.loads(
        repository(readers=["222222222222"], functions=True).one(POLICY).inputs["policy"]
    )
    others, functions = policy["Statement"]

    assert others["Principal"] == {"AWS": ["arn:aws:iam::222222222222:root"]}
    assert functions == {
        "Sid": "LambdaECRImageRetrievalPolicy",
        "Effect": "Allow",
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
        "Condition": {
            "StringLike": {"aws:sourceArn": "arn:aws:lambda:eu-west-1:123456789012:function:*"}
        },
    }
    assert not repository(functions=True).of(POLICY), "alone, Lambda sees to it itself"


def test_without_readers_and_where_others_own_it_there_is_no_policy() -> None:
    assert not repository().of(POLICY)
    assert not repository(create=False, readers=["222222222222"]).of(POLICY)
    assert repository(readers=["222222222222"]).of(REPOSITORY)


@pytest.mark.parametrize("account", ["*", "22222222222", "2222222222222", "arn:aws:iam::1:root"])
def test_a_reader_is_an_account_and_never_a_wildcard(account: str) -> None:
    said = failure_of(
        lambda: ImageRepository(
            "atta",
            ImageRepositoryArgs(
                image="atta",
                repository="dev/atta",
                registry="ecr",
                create=True,
                protect=False,
                region="eu-west-1",
                readers=[account],
            ),
        )
    )

    assert f"{account!r} is not an AWS account; allowed: 12 digits" in said
