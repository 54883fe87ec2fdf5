"""S3 buckets."""

from typing import Any

from botocore.exceptions import ClientError

from offline.plugin.table import TAGS, Property, ResourceType
from offline.plugin.wire import State

from .call import REGION, Call
from .tags import tag_list, tag_map
from .waiting import error_code


def _create(call: Call) -> str:
    name: str = call.props["bucket"]
    arguments: dict[str, Any] = {"Bucket": name}
    if call.region != "us-east-1":
        arguments["CreateBucketConfiguration"] = {"LocationConstraint": call.region}
    if call.props.get("objectLockEnabled"):
        arguments["ObjectLockEnabledForBucket"] = True
    call.client("s3").create_bucket(**arguments)
    return name


def _tag(call: Call) -> None:
    if call.tags:
        call.client("s3").put_bucket_tagging(
            Bucket=call.id, Tagging={"TagSet": tag_list(call.tags)}
        )


def _update(call: Call, changed: frozenset[str]) -> None:
    if "tagsAll" not in changed:
        return
    if call.tags:
        _tag(call)
    else:
        call.client("s3").delete_bucket_tagging(Bucket=call.id)


def _read(call: Call) -> State:
    s3 = call.client("s3")
    s3.head_bucket(Bucket=call.id)
    return {**bucket_facts(call, call.id), "bucket": call.id, "tags": _tags(s3, call.id)}


def bucket_facts(call: Call, name: str) -> State:
    """Names and addresses of a bucket that follow from its name and region."""
    domain = f"{name}.s3.{call.region}.amazonaws.com"
    return {
        "arn": f"arn:aws:s3:::{name}",
        "bucketDomainName": f"{name}.s3.amazonaws.com",
        "bucketRegion": call.region,
        "bucketRegionalDomainName": domain,
        "hostedZoneId": "",
        "websiteDomain": "",
        "websiteEndpoint": "",
    }


def _tags(s3: Any, name: str) -> dict[str, str]:
    try:
        return tag_map(s3.get_bucket_tagging(Bucket=name)["TagSet"])
    except ClientError as error:
        if error_code(error) != "NoSuchTagSet":
            raise
        return {}


def _delete(call: Call) -> None:
    s3 = call.client("s3")
    if call.props.get("forceDestroy"):
        delete_versions(s3, call.id)
    s3.delete_bucket(Bucket=call.id)


def delete_versions(s3: Any, bucket: str, key: str = "") -> None:
    """Deletes every version and delete marker, of one key or of the whole bucket."""
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=key):
        doomed = [
            {"Key": version["Key"], "VersionId": version["VersionId"]}
            for version in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
            if not key or version["Key"] == key
        ]
        if doomed:
            s3.delete_objects(Bucket=bucket, Delete={"Objects": doomed, "Quiet": True})


BUCKET = ResourceType(
    "aws:s3/bucket:Bucket",
    properties={
        "bucket": Property(replaces=True, named="hex-lower"),
        "forceDestroy": Property(default=False),
        "objectLockEnabled": Property(computed=True, replaces=True),
        "region": REGION,
        "tags": TAGS,
    },
    outputs=frozenset(
        {
            "arn",
            "bucketDomainName",
            "bucketRegion",
            "bucketRegionalDomainName",
            "hostedZoneId",
            "tagsAll",
            "websiteDomain",
            "websiteEndpoint",
        }
    ),
    create=_create,
    complete=_tag,
    read=_read,
    update=_update,
    delete=_delete,
)
