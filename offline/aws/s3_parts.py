"""The settings of an S3 bucket that are resources of their own: each is put, got and deleted."""

from typing import Any

from botocore.exceptions import ClientError

from offline.plugin.naming import from_api, picked, to_api
from offline.plugin.table import Property
from offline.plugin.wire import State

from .call import Call
from .documents import same_policy
from .s3_lifecycle import IRREGULAR, LIFECYCLE_RULE, lifecycle_from_api, lifecycle_to_api
from .s3_part import OWNER, part

_FLAGS = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")


def _flags_to_api(props: State) -> State:
    return {"PublicAccessBlockConfiguration": to_api({f: bool(props.get(f)) for f in _FLAGS})}


def _encryption_from_api(told: State) -> State:
    rules = from_api(told["ServerSideEncryptionConfiguration"]["Rules"], IRREGULAR)
    return {"rules": [{k: v for k, v in rule.items() if k in _ENCRYPTION_RULE} for rule in rules]}


_ENCRYPTION_RULE = {
    "applyServerSideEncryptionByDefault": Property(
        "block",
        fields={"sseAlgorithm": Property(required=True), "kmsMasterKeyId": Property()},
    ),
    "bucketKeyEnabled": Property(computed=True),
}


def _suspend(s3: Any, call: Call) -> None:
    s3.put_bucket_versioning(Bucket=call.id, VersioningConfiguration={"Status": "Suspended"})


def _logging_from_api(told: State) -> State:
    if "LoggingEnabled" not in told:
        # S3 answers nothing where other settings have an error of their own.
        raise ClientError({"Error": {"Code": "404", "Message": "no log"}}, "GetBucketLogging")
    return picked(
        {"targetBucket": "TargetBucket", "targetPrefix": "TargetPrefix"}, told["LoggingEnabled"]
    )


def _versioning_from_api(told: State) -> State:
    status = told.get("Status", "Disabled")
    mfa = told.get("MFADelete") or "Disabled"
    return {"versioningConfiguration": {"status": status, "mfaDelete": mfa}}


TYPES = (
    part(
        "BucketVersioning",
        "bucket_versioning",
        {
            "versioningConfiguration": Property(
                "block",
                required=True,
                fields={"status": Property(required=True), "mfaDelete": Property(computed=True)},
            ),
            "expectedBucketOwner": OWNER,
        },
        (
            lambda props: {
                "VersioningConfiguration": to_api(props["versioningConfiguration"], IRREGULAR)
            },
            _versioning_from_api,
        ),
        delete=_suspend,
    ),
    part(
        "BucketPublicAccessBlock",
        "public_access_block",
        {**{flag: Property(default=False) for flag in _FLAGS}, "skipDestroy": Property()},
        (_flags_to_api, lambda told: dict(from_api(told["PublicAccessBlockConfiguration"]))),
    ),
    part(
        "BucketServerSideEncryptionConfiguration",
        "bucket_encryption",
        {
            "rules": Property("blockset", required=True, fields=_ENCRYPTION_RULE),
            "expectedBucketOwner": OWNER,
        },
        (
            lambda props: {
                "ServerSideEncryptionConfiguration": {"Rules": to_api(props["rules"], IRREGULAR)}
            },
            _encryption_from_api,
        ),
    ),
    part(
        "BucketPolicy",
        "bucket_policy",
        {"policy": Property(same_policy, required=True)},
        (lambda props: {"Policy": props["policy"]}, lambda told: {"policy": told["Policy"]}),
    ),
    part(
        "BucketLifecycleConfiguration",
        "bucket_lifecycle_configuration",
        {
            "rules": Property("blocks", fields=LIFECYCLE_RULE),
            "expectedBucketOwner": OWNER,
            "transitionDefaultMinimumObjectSize": Property(computed=True),
        },
        (lifecycle_to_api, lifecycle_from_api),
        delete=lambda s3, call: s3.delete_bucket_lifecycle(Bucket=call.id),
    ),
    part(
        "BucketLogging",
        "bucket_logging",
        {
            "targetBucket": Property(required=True),
            "targetPrefix": Property(required=True),
            "expectedBucketOwner": OWNER,
        },
        (
            lambda props: {
                "BucketLoggingStatus": {
                    "LoggingEnabled": {
                        "TargetBucket": props["targetBucket"],
                        "TargetPrefix": props["targetPrefix"],
                    }
                }
            },
            _logging_from_api,
        ),
        delete=lambda s3, call: s3.put_bucket_logging(Bucket=call.id, BucketLoggingStatus={}),
    ),
    part(
        "BucketOwnershipControls",
        "bucket_ownership_controls",
        {
            "rule": Property(
                "block", required=True, fields={"objectOwnership": Property(required=True)}
            )
        },
        (
            lambda props: {"OwnershipControls": {"Rules": [to_api(props["rule"])]}},
            lambda told: {"rule": from_api(told["OwnershipControls"]["Rules"][0])},
        ),
    ),
)
