"""The guards of the bundle bucket: each is a resource of its own, as S3 has it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.documents.bucket_policy import bucket_policy

FORMER_DAYS = 90
UPLOAD_DAYS = 7


@dataclass(frozen=True, kw_only=True)
class BucketGuards:
    """How a bucket is guarded."""

    bucket: str
    """Its name."""
    readers: Sequence[str]
    """Other accounts that may read its records."""
    kms_key: str | None
    """ARN of the KMS key of its objects; S3's own encryption if None."""
    access_log: str | None
    """The bucket of its access log, if it has one."""


def guard_bucket(
    name: str, bucket: pulumi.Input[str], guards: BucketGuards, opts: pulumi.ResourceOptions
) -> None:
    """Registers all guards; `name` begins their logical names.

    What is current never goes: what was written over or deleted goes after 90 days, and uploads
    that broke off after 7.
    """
    _close(name, bucket, opts)
    _version(name, bucket, opts)
    _encrypt(name, bucket, guards.kms_key, opts)
    aws.s3.BucketPolicy(
        f"{name}-policy",
        bucket=bucket,
        policy=bucket_policy(guards.bucket, guards.readers),
        opts=opts,
    )
    if guards.access_log:
        aws.s3.BucketLogging(
            f"{name}-logging",
            bucket=bucket,
            target_bucket=guards.access_log,
            target_prefix=f"{guards.bucket}/",
            opts=opts,
        )


def _close(name: str, bucket: pulumi.Input[str], opts: pulumi.ResourceOptions) -> None:
    aws.s3.BucketPublicAccessBlock(
        f"{name}-public-access-block",
        bucket=bucket,
        block_public_acls=True,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=True,
        opts=opts,
    )
    aws.s3.BucketOwnershipControls(
        f"{name}-ownership",
        bucket=bucket,
        rule=aws.s3.BucketOwnershipControlsRuleArgs(object_ownership="BucketOwnerEnforced"),
        opts=opts,
    )


def _version(name: str, bucket: pulumi.Input[str], opts: pulumi.ResourceOptions) -> None:
    versioning = aws.s3.BucketVersioning(
        f"{name}-versioning",
        bucket=bucket,
        versioning_configuration=aws.s3.BucketVersioningVersioningConfigurationArgs(
            status="Enabled"
        ),
        opts=opts,
    )
    aws.s3.BucketLifecycleConfiguration(
        f"{name}-lifecycle",
        bucket=bucket,
        rules=[
            aws.s3.BucketLifecycleConfigurationRuleArgs(
                id="former-versions",
                status="Enabled",
                filter=aws.s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=""),
                noncurrent_version_expiration=(
                    aws.s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(
                        noncurrent_days=FORMER_DAYS
                    )
                ),
            ),
            aws.s3.BucketLifecycleConfigurationRuleArgs(
                id="broken-uploads",
                status="Enabled",
                filter=aws.s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=""),
                abort_incomplete_multipart_upload=(
                    aws.s3.BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs(
                        days_after_initiation=UPLOAD_DAYS
                    )
                ),
            ),
        ],
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[versioning])),
    )


def _encrypt(
    name: str, bucket: pulumi.Input[str], kms_key: str | None, opts: pulumi.ResourceOptions
) -> None:
    by_default = (
        aws.s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs(
            sse_algorithm="aws:kms" if kms_key else "AES256", kms_master_key_id=kms_key
        )
    )
    aws.s3.BucketServerSideEncryptionConfiguration(
        f"{name}-encryption",
        bucket=bucket,
        rules=[
            aws.s3.BucketServerSideEncryptionConfigurationRuleArgs(
                apply_server_side_encryption_by_default=by_default,
                # One key a bucket and hour asks KMS once, not once an object.
                bucket_key_enabled=True if kms_key else None,
            )
        ],
        opts=opts,
    )
