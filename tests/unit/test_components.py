"""What the components register, property by property."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from components.bundle_store import BundleStore, BundleStoreArgs
from components.documents.lifecycle import Retention, lifecycle_policy
from components.repository import ImageRepository, ImageRepositoryArgs
from tests.engine import Recording, build, outputs_of

ARN = "arn:aws:ecr:eu-west-1:123456789012:repository/dev/atta"
REPOSITORY = "aws:ecr/repository:Repository"
POLICY = "aws:ecr/lifecyclePolicy:LifecyclePolicy"
BUCKET = "aws:s3/bucket:Bucket"


def repository(**other: Any) -> Recording:
    values: dict[str, Any] = {
        "image": "atta",
        "repository": "dev/atta",
        "registry": "ecr",
        "create": True,
        "protect": False,
        "region": "eu-west-1",
        **other,
    }
    return build(lambda: outputs_of(ImageRepository("atta", ImageRepositoryArgs(**values))))


def store(**other: Any) -> Recording:
    values: dict[str, Any] = {"bucket": "deploys", "create": True, "protect": False, **other}
    return build(lambda: outputs_of(BundleStore("bundles", BundleStoreArgs(**values))))


def test_a_repository_never_moves_a_name_but_latest() -> None:
    inputs = repository().one(REPOSITORY).inputs

    assert inputs["imageTagMutability"] == "IMMUTABLE_WITH_EXCLUSION"
    assert inputs["imageTagMutabilityExclusionFilters"] == [
        {"filter": "latest", "filterType": "WILDCARD"},
        {"filter": "latest-*", "filterType": "WILDCARD"},
    ]


def test_a_repository_scans_what_is_pushed_and_never_deletes_images() -> None:
    made = repository().one(REPOSITORY)

    assert made.inputs["imageScanningConfiguration"] == {"scanOnPush": True}
    assert made.inputs["forceDelete"] is False
    assert made.retain_on_delete


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (None, {"encryptionType": "AES256"}),
        ("arn:aws:kms:x", {"encryptionType": "KMS", "kmsKey": "arn:aws:kms:x"}),
    ],
)
def test_a_repository_is_encrypted(key: str | None, expected: dict[str, str]) -> None:
    assert repository(kms_key=key).one(REPOSITORY).inputs["encryptionConfigurations"] == [expected]


def test_what_a_repository_keeps_is_its_lifecycle_policy_and_goes_with_the_stack() -> None:
    kept = Retention(patterns=("latest*",), names={"src-1": "runs in dev"}, days=90)
    policy = repository(retention=kept).one(POLICY)

    assert policy.inputs == {"repository": "dev/atta", "policy": lifecycle_policy(kept)}
    assert not policy.retain_on_delete, "nobody would tell it any more what runs"
    assert not repository().of(POLICY)
    assert not repository(retention=kept, create=False).of(POLICY)


def test_a_repository_gives_back_where_images_go() -> None:
    result = repository().result

    assert result["uri"] == "123456789012.dkr.ecr.eu-west-1.amazonaws.com/dev/atta"
    assert result["arn"] == ARN


def test_a_repository_that_is_looked_up_is_not_made() -> None:
    recording = repository(create=False)

    assert [each.type for each in recording.resources] == ["slipway:index:ImageRepository"]
    assert recording.calls == [("aws:ecr/getRepository:getRepository", {"name": "dev/atta"})]
    assert recording.result == repository().result


def test_a_plain_registry_needs_nothing_made() -> None:
    recording = repository(registry="registry.example:5000")

    assert [each.type for each in recording.resources] == ["slipway:index:ImageRepository"]
    assert recording.calls == []
    assert recording.result == {"uri": "registry.example:5000/dev/atta", "arn": None}


@pytest.mark.parametrize(
    ("program", "kept"),
    [(repository, REPOSITORY), (store, BUCKET)],
)
def test_what_holds_data_is_protected_if_the_stack_says_so(
    program: Callable[..., Recording], kept: str
) -> None:
    assert program(protect=True).one(kept).protect
    assert not program(protect=False).one(kept).protect


@pytest.mark.parametrize(
    ("program", "kept", "physical"),
    [(repository, REPOSITORY, "dev/atta"), (store, BUCKET, "deploys")],
)
def test_what_a_destroyed_stack_has_kept_can_be_adopted(
    program: Callable[..., Recording], kept: str, physical: str
) -> None:
    assert program(adopt=True).one(kept).import_id == physical
    assert program().one(kept).import_id == ""
