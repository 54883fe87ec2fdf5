"""S3 objects: what the program puts into a bucket."""

import base64
from collections.abc import Mapping
from urllib.parse import urlencode

from offline.plugin.naming import picked, present
from offline.plugin.table import TAGS, Property, ResourceType
from offline.plugin.wire import State

from .call import REGION, Call
from .s3_bucket import delete_versions
from .tags import tag_list, tag_map

# Properties that are one argument of PutObject and one header of HeadObject.
_HEADERS: Mapping[str, str] = {
    "bucketKeyEnabled": "BucketKeyEnabled",
    "cacheControl": "CacheControl",
    "contentDisposition": "ContentDisposition",
    "contentEncoding": "ContentEncoding",
    "contentLanguage": "ContentLanguage",
    "contentType": "ContentType",
    "kmsKeyId": "SSEKMSKeyId",
    "metadata": "Metadata",
    "serverSideEncryption": "ServerSideEncryption",
    "storageClass": "StorageClass",
}
_TOLD: Mapping[str, str] = {
    **_HEADERS,
    "checksumCrc32": "ChecksumCRC32",
    "checksumCrc32c": "ChecksumCRC32C",
    "checksumCrc64nvme": "ChecksumCRC64NVME",
    "checksumSha1": "ChecksumSHA1",
    "checksumSha256": "ChecksumSHA256",
    "versionId": "VersionId",
}
_CONTENT = frozenset({"content", "contentBase64", "sourceHash", "etag", "checksumAlgorithm"})


def _put(call: Call) -> str:
    props = call.props
    arguments = {theirs: props.get(ours) for ours, theirs in _HEADERS.items()}
    call.client("s3").put_object(
        Bucket=props["bucket"],
        Key=props["key"],
        Body=_body(props),
        **present(
            **arguments,
            ChecksumAlgorithm=props.get("checksumAlgorithm"),
            Tagging=urlencode(call.tags) if call.tags else None,
        ),
    )
    return str(props["key"])


def _body(props: State) -> bytes:
    if props.get("contentBase64") is not None:
        return base64.b64decode(props["contentBase64"], validate=True)
    return str(props.get("content") or "").encode()


def _place(call: Call) -> tuple[str, str]:
    """Bucket and key; for an import both are in the id, as s3://bucket/key or bucket/key."""
    if call.props.get("bucket"):
        return call.props["bucket"], call.props.get("key") or call.id
    bucket, _, key = call.id.removeprefix("s3://").partition("/")
    return bucket, key


def _read(call: Call) -> State:
    s3 = call.client("s3")
    bucket, key = _place(call)
    told = s3.head_object(Bucket=bucket, Key=key, ChecksumMode="ENABLED")
    tags = s3.get_object_tagging(Bucket=bucket, Key=key)["TagSet"]
    state = picked({ours: f'"{theirs}"' for ours, theirs in _TOLD.items()}, told)
    return {
        **{name: "" if value is None else value for name, value in state.items()},
        "bucketKeyEnabled": bool(told.get("BucketKeyEnabled")),
        "metadata": told.get("Metadata", {}),
        "storageClass": told.get("StorageClass", "STANDARD"),
        "etag": told["ETag"].strip('"'),
        "arn": f"arn:aws:s3:::{bucket}/{key}",
        "bucket": bucket,
        "key": key,
        "tags": tag_map(tags),
    }


def _update(call: Call, changed: frozenset[str]) -> None:
    if changed & (_CONTENT | set(_HEADERS)):
        _put(call)
    elif "tagsAll" in changed:
        bucket, key = _place(call)
        call.client("s3").put_object_tagging(
            Bucket=bucket, Key=key, Tagging={"TagSet": tag_list(call.tags)}
        )


def _delete(call: Call) -> None:
    bucket, key = _place(call)
    s3 = call.client("s3")
    if call.props.get("versionId"):
        delete_versions(s3, bucket, key)
    else:
        s3.delete_object(Bucket=bucket, Key=key)


_CHECKSUMS = ("checksumCrc32", "checksumCrc32c", "checksumCrc64nvme", "checksumSha1")
_COMPUTED = Property(computed=True)

OBJECT = ResourceType(
    "aws:s3/bucketObjectv2:BucketObjectv2",
    properties={
        "bucket": Property(required=True, replaces=True),
        "key": Property(replaces=True, named="logical"),
        "content": Property(),
        "contentBase64": Property(),
        "sourceHash": Property(),
        "etag": _COMPUTED,
        "checksumAlgorithm": Property(),
        "cacheControl": Property(),
        "contentDisposition": Property(),
        "contentEncoding": Property(),
        "contentLanguage": Property(),
        "contentType": _COMPUTED,
        "bucketKeyEnabled": _COMPUTED,
        "kmsKeyId": _COMPUTED,
        "metadata": Property("map"),
        "serverSideEncryption": _COMPUTED,
        "storageClass": _COMPUTED,
        "forceDestroy": Property(default=False),
        "region": REGION,
        "tags": TAGS,
    },
    outputs=frozenset({*_CHECKSUMS, "checksumSha256", "arn", "tagsAll", "versionId"}),
    create=_put,
    read=_read,
    update=_update,
    delete=_delete,
    recomputed={name: _CONTENT for name in (*_CHECKSUMS, "checksumSha256", "etag", "versionId")},
)
