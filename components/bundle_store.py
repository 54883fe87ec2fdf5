"""The bucket that deploy bundles and records are kept in."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.bundle_bucket import BucketGuards, guard_bucket
from provider.sdk import Bundle, BundleArgs


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
    kms_key: str | None = None
    """ARN of the KMS key that objects are encrypted with; S3's own encryption if not given."""
    access_log: str | None = None
    """The bucket that S3 writes the access log into; none if not given."""
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
        """`name` is the logical name; `opts` has the provider that stores bundles."""
        super().__init__("slipway:index:BundleStore", name, None, opts)
        self._name = name
        # The guards stay too: taking them from a bucket that is kept would open it.
        self._kept = pulumi.ResourceOptions(
            parent=self, protect=args.protect, retain_on_delete=True
        )
        if args.create:
            self.bucket = self._create_bucket(args).bucket
            guards = BucketGuards(
                bucket=args.bucket,
                readers=args.readers,
                kms_key=args.kms_key,
                access_log=args.access_log,
            )
            guard_bucket(name, self.bucket, guards, self._kept)
        else:
            found = aws.s3.get_bucket_output(
                bucket=args.bucket, opts=pulumi.InvokeOutputOptions(parent=self)
            )
            self.bucket = found.apply(lambda each: str(each.bucket))
        self.register_outputs({"bucket": self.bucket})

    def put(self, name: str, key: str, data: bytes, sha256: str) -> pulumi.Output[str]:
        """Registers one object, which is written once, and gives back its key.

        `name` is the logical name; `sha256` is the data's, in hexadecimal digits. Another key or
        other data is another object: the one before stays in the bucket.
        """
        stored = Bundle(
            f"{self._name}-{name}",
            BundleArgs(
                bucket=self.bucket,
                key=key,
                content=base64.b64encode(data).decode(),
                sha256=sha256,
            ),
            pulumi.ResourceOptions(parent=self),
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
