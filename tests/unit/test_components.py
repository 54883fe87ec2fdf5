"""What the components register, property by property."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pulumi
import pytest

from components.bundle_store import BundleStore, BundleStoreArgs
from components.repository import ImageRepository, ImageRepositoryArgs
from tests.engine import Recording, build, outputs_of

ARN = "arn:aws:ecr:eu-west-1:123456789012:repository/dev/atta"
REPOSITORY = "aws:ecr/repository:Repository"
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


def test_a_bucket_is_private_versioned_encrypted_and_tls_only() -> None:
    recording = store()
    block = recording.one("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock").inputs
    policy = json.loads(recording.one("aws:s3/bucketPolicy:BucketPolicy").inputs["policy"])
    encryption = recording.one(
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
    ).inputs

    assert {value for key, value in block.items() if key != "bucket"} == {True}
    assert len(block) == 5
    assert recording.one("aws:s3/bucketVersioning:BucketVersioning").inputs[
        "versioningConfiguration"
    ] == {"status": "Enabled"}
    assert encryption["rules"] == [
        {"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}
    ]
    assert {each["Effect"] for each in policy["Statement"]} == {"Deny"}


def test_a_bucket_and_its_guards_are_kept_when_the_stack_is_destroyed() -> None:
    made = [each for each in store().resources if each.custom]

    assert len(made) == 5
    assert [each.name for each in made if not each.retain_on_delete] == []
    assert store().one(BUCKET).inputs["forceDestroy"] is False


def test_a_bucket_that_is_looked_up_is_not_made() -> None:
    recording = store(create=False)

    assert [each.type for each in recording.resources] == ["slipway:index:BundleStore"]
    assert recording.calls == [("aws:s3/getBucket:getBucket", {"bucket": "deploys"})]
    assert recording.result == {"bucket": "deploys"}


@pytest.mark.parametrize("create", [True, False])
def test_a_stored_bundle_stays_and_its_key_is_given_back(create: bool) -> None:
    def program() -> pulumi.Output[str]:
        args = BundleStoreArgs(bucket="deploys", create=create, protect=True)
        return BundleStore("bundles", args).put("bundle", "bundles/dev/b.tar.gz", b"data", "00ff")

    recording = build(program)
    stored = recording.one("aws:s3/bucketObjectv2:BucketObjectv2")

    assert recording.result == "bundles/dev/b.tar.gz"
    assert stored.name == "bundles-bundle"
    assert stored.inputs["bucket"] == "deploys"
    assert stored.inputs["contentBase64"] == "ZGF0YQ=="
    assert stored.inputs["sourceHash"] == "00ff"
    assert stored.retain_on_delete
    assert not stored.protect, "a protected bundle could never be followed by the next one"


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
