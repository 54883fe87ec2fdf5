"""Checks of the bucket of bundles and records."""

from __future__ import annotations

from typing import Any

from tests.policy.check import Check, Reason, beside
from tests.policy.resources import Resource, put, rewritten, without

BUCKET = "aws:s3/bucket:Bucket"
BLOCK = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
VERSIONING = "aws:s3/bucketVersioning:BucketVersioning"
ENCRYPTION = (
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
)
LIFECYCLE = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
LOGGING = "aws:s3/bucketLogging:BucketLogging"
POLICY = "aws:s3/bucketPolicy:BucketPolicy"

_RULE = "rules.0.applyServerSideEncryptionByDefault"
_BLOCKS = {
    "CKV_AWS_53": ("public ACLs are blocked", "blockPublicAcls"),
    "CKV_AWS_54": ("public policies are blocked", "blockPublicPolicy"),
    "CKV_AWS_55": ("public ACLs are ignored", "ignorePublicAcls"),
    "CKV_AWS_56": ("a public bucket is restricted to its account", "restrictPublicBuckets"),
}


def _denied(policy: Resource, condition: dict[str, Any]) -> bool:
    """Whether everybody is denied everything in the bucket and its objects on this condition."""
    return any(
        each["Effect"] == "Deny"
        and each["Principal"] == "*"
        and each["Action"] == "s3:*"
        and len(each["Resource"]) == 2
        and each["Condition"] == condition
        for each in policy.policy("policy")
    )


def _blocked(name: str) -> Check:
    title, key = _BLOCKS[name]
    return beside(
        BUCKET,
        BLOCK,
        key="bucket",
        ids=name,
        title=title,
        holds=lambda one: one.get(key) is True,
        loosened=put(BLOCK, key, False),
    )


def _without_denials(document: dict[str, Any]) -> None:
    document["Statement"] = [each for each in document["Statement"] if each["Effect"] != "Deny"]


def _old_tls(document: dict[str, Any]) -> None:
    document["Statement"] = [each for each in document["Statement"] if each["Sid"] != "NoOldTls"]


CHECKS: tuple[Check, ...] = (
    *(_blocked(name) for name in _BLOCKS),
    beside(
        BUCKET,
        BLOCK,
        key="bucket",
        ids="CKV2_AWS_6",
        title="a public access block is there",
        holds=lambda one: True,
        loosened=without(BLOCK),
    ),
    beside(
        BUCKET,
        VERSIONING,
        key="bucket",
        ids="CKV_AWS_21",
        title="versions of objects are kept",
        holds=lambda one: one.get("versioningConfiguration.status") == "Enabled",
        loosened=put(VERSIONING, "versioningConfiguration.status", "Suspended"),
    ),
    beside(
        BUCKET,
        ENCRYPTION,
        key="bucket",
        ids="CKV_AWS_19",
        title="objects are encrypted at rest",
        holds=lambda one: bool(one.get("rules.0.applyServerSideEncryptionByDefault.sseAlgorithm")),
        loosened=without(ENCRYPTION),
    ),
    beside(
        BUCKET,
        POLICY,
        key="bucket",
        ids="S3.5",
        title="requests without TLS are denied",
        holds=lambda one: _denied(one, {"Bool": {"aws:SecureTransport": "false"}}),
        loosened=rewritten(POLICY, "policy", _without_denials),
    ),
    beside(
        BUCKET,
        POLICY,
        key="bucket",
        ids="TLS 1.2 or later",
        title="older versions of TLS are denied",
        holds=lambda one: _denied(one, {"NumericLessThan": {"s3:TlsVersion": "1.2"}}),
        loosened=rewritten(POLICY, "policy", _old_tls),
    ),
    beside(
        BUCKET,
        ENCRYPTION,
        key="bucket",
        ids="CKV_AWS_145",
        title="objects are encrypted with a KMS key",
        holds=lambda one: one.get(f"{_RULE}.sseAlgorithm") == "aws:kms",
        loosened=put(ENCRYPTION, f"{_RULE}.sseAlgorithm", "AES256"),
        accepted="AES256 of AWS by default: bundles and records hold no secret; `bundles.kms_key`",
    ),
    beside(
        BUCKET,
        LOGGING,
        key="bucket",
        ids="CKV_AWS_18",
        title="access is logged to another bucket",
        holds=lambda one: (
            bool(one.get("targetBucket")) and one.get("targetBucket") != one.get("bucket")
        ),
        loosened=without(LOGGING),
        accepted="needs a bucket of the account's own, which charges by the object; "
        "`bundles.access_log`",
    ),
    beside(
        BUCKET,
        LIFECYCLE,
        key="bucket",
        ids="CKV2_AWS_61",
        title="a lifecycle configuration is set",
        holds=lambda one: bool(one.get("rules")),
        loosened=without(LIFECYCLE),
    ),
    beside(
        BUCKET,
        BUCKET,
        key="bucket",
        ids="never emptied",
        title="no destroy deletes bundles or records",
        holds=lambda one: one.get("forceDestroy") is False,
        loosened=put(BUCKET, "forceDestroy", True),
    ),
)

REASONS = (
    Reason(
        ids="If-None-Match, SHA-256",
        title="bundles and records are written once and checked",
        reason="what the plugin asks of S3, no property of the bucket: held by "
        "tests/localcloud/test_conditional_writes.py",
    ),
)
