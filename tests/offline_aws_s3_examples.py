"""One example of each type of S3, and how it changes."""

import base64

from tests.offline_aws_engine import State
from tests.offline_aws_examples import World, once, policy


def bucket(world: World) -> str:
    return once(world, "aws:s3/bucket:Bucket", "store", {"forceDestroy": True}).id


def log_bucket(world: World) -> str:
    """One that S3 may write access logs into."""
    name = once(world, "aws:s3/bucket:Bucket", "logs", {"forceDestroy": True}).id
    log = policy(
        "s3:PutObject",
        resource=f"arn:aws:s3:::{name}/*",
        Principal={"Service": "logging.s3.amazonaws.com"},
    )
    once(world, "aws:s3/bucketPolicy:BucketPolicy", "logs-policy", {"bucket": name, "policy": log})
    return name


def lifecycle(days: int) -> State:
    rule = {
        "id": "old",
        "status": "Enabled",
        "filter": {"and": {"prefix": "bundles/", "tags": {"kind": "bundle"}}},
        "noncurrentVersionExpiration": {"noncurrentDays": days},
        "abortIncompleteMultipartUpload": {"daysAfterInitiation": 7},
    }
    return {"rules": [rule]}


def encryption(algorithm: str) -> State:
    return {"applyServerSideEncryptionByDefault": {"sseAlgorithm": algorithm}}


def s3_examples(world: World) -> dict[str, tuple[State, State]]:
    """For each type its first inputs, and what an update in place changes or adds."""
    in_bucket = {"bucket": bucket(world)}
    arn = f"arn:aws:s3:::{bucket(world)}/*"
    return {
        "aws:s3/bucket:Bucket": (
            {"bucket": "acme-deploys", "tags": {"app": "x"}},
            {"forceDestroy": True, "tags": None},
        ),
        "aws:s3/bucketVersioning:BucketVersioning": (
            {**in_bucket, "versioningConfiguration": {"status": "Enabled"}},
            {"versioningConfiguration": {"status": "Suspended"}},
        ),
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": (
            {**in_bucket, "blockPublicAcls": True, "ignorePublicAcls": True},
            {"restrictPublicBuckets": True},
        ),
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": (
            {**in_bucket, "rules": [encryption("AES256")]},
            {"rules": [encryption("aws:kms")]},
        ),
        "aws:s3/bucketPolicy:BucketPolicy": (
            {**in_bucket, "policy": policy("s3:GetObject", resource=arn, Principal="*")},
            {"policy": policy("s3:PutObject", resource=arn, Principal="*")},
        ),
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": (
            {**in_bucket, **lifecycle(30)},
            lifecycle(60),
        ),
        "aws:s3/bucketLogging:BucketLogging": (
            {**in_bucket, "targetBucket": log_bucket(world), "targetPrefix": "store/"},
            {"targetPrefix": "other/"},
        ),
        "aws:s3/bucketOwnershipControls:BucketOwnershipControls": (
            {**in_bucket, "rule": {"objectOwnership": "BucketOwnerEnforced"}},
            {"rule": {"objectOwnership": "ObjectWriter"}},
        ),
        "aws:s3/bucketObjectv2:BucketObjectv2": (
            {
                **in_bucket,
                "key": "bundles/one.tar.gz",
                "contentBase64": base64.b64encode(b"\x00one").decode(),
                "checksumAlgorithm": "SHA256",
                "tags": {"kind": "bundle"},
            },
            {"contentBase64": base64.b64encode(b"two").decode()},
        ),
    }
