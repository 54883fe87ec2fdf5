"""The bucket of bundles and records, guard by guard."""

from __future__ import annotations

import json

import pulumi
import pytest

from components.bundle_store import BundleStore, BundleStoreArgs
from tests.engine import build
from tests.unit.test_components import BUCKET, store

ENCRYPTION = (
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
)
LIFECYCLE = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
LOGGING = "aws:s3/bucketLogging:BucketLogging"
OWNERSHIP = "aws:s3/bucketOwnershipControls:BucketOwnershipControls"


def test_a_bucket_is_private_versioned_encrypted_and_tls_only() -> None:
    recording = store()
    block = recording.one("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock").inputs
    policy = json.loads(recording.one("aws:s3/bucketPolicy:BucketPolicy").inputs["policy"])
    encryption = recording.one(ENCRYPTION).inputs

    assert {value for key, value in block.items() if key != "bucket"} == {True}
    assert len(block) == 5
    assert recording.one("aws:s3/bucketVersioning:BucketVersioning").inputs[
        "versioningConfiguration"
    ] == {"status": "Enabled"}
    assert encryption["rules"] == [
        {"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}
    ]
    assert {each["Effect"] for each in policy["Statement"]} == {"Deny"}
    assert recording.one(OWNERSHIP).inputs["rule"] == {"objectOwnership": "BucketOwnerEnforced"}


def test_a_bucket_of_a_kms_key_asks_kms_once_for_many_objects() -> None:
    key = "arn:aws:kms:eu-west-1:123456789012:key/1234"
    (rule,) = store(kms_key=key).one(ENCRYPTION).inputs["rules"]

    assert rule == {
        "applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": key},
        "bucketKeyEnabled": True,
    }


def test_nothing_current_ever_leaves_the_bucket() -> None:
    rules = {each["id"]: each for each in store().one(LIFECYCLE).inputs["rules"]}

    assert rules == {
        "former-versions": {
            "id": "former-versions",
            "status": "Enabled",
            "filter": {"prefix": ""},
            "noncurrentVersionExpiration": {"noncurrentDays": 90},
        },
        "broken-uploads": {
            "id": "broken-uploads",
            "status": "Enabled",
            "filter": {"prefix": ""},
            "abortIncompleteMultipartUpload": {"daysAfterInitiation": 7},
        },
    }


def test_a_bucket_logs_who_read_it_if_asked_to() -> None:
    assert not store().of(LOGGING)
    assert store(access_log="acme-logs").one(LOGGING).inputs == {
        "bucket": "deploys",
        "targetBucket": "acme-logs",
        "targetPrefix": "deploys/",
    }


@pytest.mark.parametrize("folder", ["bundles", "names", "records"])
def test_nothing_in_the_bucket_is_written_over_unseen(folder: str) -> None:
    policy = json.loads(store().one("aws:s3/bucketPolicy:BucketPolicy").inputs["policy"])
    (denied,) = (
        each
        for each in policy["Statement"]
        if each["Action"] == "s3:PutObject"
        and f"arn:aws:s3:::deploys/{folder}/*" in each["Resource"]
    )
    headers = {"s3:if-none-match": "true"}
    if folder == "records":
        headers["s3:if-match"] = "true"

    assert denied["Effect"] == "Deny"
    assert denied["Condition"] == {"Null": headers, "Bool": {"s3:ObjectCreationOperation": "true"}}


def test_a_bucket_and_its_guards_are_kept_when_the_stack_is_destroyed() -> None:
    made = [each for each in store().resources if each.custom]

    assert len(made) == 7
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
    stored = recording.one("rollout:index:Bundle")

    assert recording.result == "bundles/dev/b.tar.gz"
    assert stored.name == "bundles-bundle"
    assert stored.inputs["bucket"] == "deploys"
    assert stored.inputs["content"] == "ZGF0YQ=="
    assert stored.inputs["sha256"] == "00ff"
    assert not stored.protect, "a protected bundle could never be followed by the next one"
