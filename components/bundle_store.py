"""The bucket that deploy bundles and records are kept in."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.documents.policies import bucket_policy


@dataclass(frozen=True, kw_only=True)
class BundleStoreArgs:
    """Which bucket, and whose it is."""

    bucket: str
    """Name of the bucket."""
    create: bool
    """Whether this stack owns the bucket; false: it is looked up."""
    protect: bool
    """Pulumi refuses to delete or replace it."""
    readers: Sequence[str] = ()
    """Other accounts (12 digits each) that may read the records in a bucket made here."""
    adopt: bool = False
    """Takes over a bucket that exists already, such as one that `pulumi destroy` has kept."""


class BundleStore(pulumi.ComponentResource):
    """Makes, or looks up, a private, versioned, encrypted bucket; gives back its name.

    Destroying it keeps it as it is, with all it holds and all its guards.
    """

    bucket: pulumi.Output[str]
    """Name of the bucket."""

    def __init__(
        self, name: str, args: BundleStoreArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """`name` is the logical name."""
        super().__init__("slipway:index:BundleStore", name, None, opts)
        self._name = name
        # The guards stay too: taking them from a bucket that is kept would open it.
        self._kept = pulumi.ResourceOptions(
            parent=self, protect=args.protect, retain_on_delete=True
        )
        if args.create:
            self._bucket = self._create_bucket(args)
            self._create_guards(args)
            self.bucket = self._bucket.bucket
        else:
            found = aws.s3.get_bucket_output(
                bucket=args.bucket, opts=pulumi.InvokeOutputOptions(parent=self)
            )
            self.bucket = found.apply(lambda each: str(each.bucket))
        self.register_outputs({"bucket": self.bucket})

    def put(self, name: str, key: str, data: bytes, sha256: str) -> pulumi.Output[str]:
        """Registers one object and gives back its key, which is known once it is stored.

        `name` is the logical name; `sha256` is the data's, in hexadecimal digits. Another key or
        other data is another object: the one before stays in the bucket.
        """
        stored = aws.s3.BucketObjectv2(
            f"{self._name}-{name}",
            bucket=self.bucket,
            key=key,
            content_base64=base64.b64encode(data).decode(),
            source_hash=sha256,
            content_type="application/gzip",
            opts=pulumi.ResourceOptions(parent=self, retain_on_delete=True),
        )
        stored_key: pulumi.Output[str] = stored.key
        return stored_key

    def _create_bucket(self, args: BundleStoreArgs) -> aws.s3.Bucket:
        return aws.s3.Bucket(
            f"{self._name}-bucket",
            bucket=args.bucket,
            force_destroy=False,
            opts=pulumi.ResourceOptions.merge(
                self._kept, pulumi.ResourceOptions(import_=args.bucket if args.adopt else None)
            ),
        )

    def _create_guards(self, args: BundleStoreArgs) -> None:
        name, bucket, opts = self._name, self._bucket.bucket, self._kept
        aws.s3.BucketPublicAccessBlock(
            f"{name}-public-access-block",
            bucket=bucket,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=opts,
        )
        aws.s3.BucketVersioning(
            f"{name}-versioning",
            bucket=bucket,
            versioning_configuration=aws.s3.BucketVersioningVersioningConfigurationArgs(
                status="Enabled"
            ),
            opts=opts,
        )
        by_default = (
            aws.s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs
        )
        aws.s3.BucketServerSideEncryptionConfiguration(
            f"{name}-encryption",
            bucket=bucket,
            rules=[
                aws.s3.BucketServerSideEncryptionConfigurationRuleArgs(
                    apply_server_side_encryption_by_default=by_default(sse_algorithm="AES256")
                )
            ],
            opts=opts,
        )
        aws.s3.BucketPolicy(
            f"{name}-policy",
            bucket=bucket,
            policy=bucket_policy(args.bucket, args.readers),
            opts=opts,
        )
