"""A bucket policy that wants conditional writes is obeyed, as S3 obeys it."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from components.documents.bucket_policy import bucket_policy
from tests.localcloud.cloud import REGION, Cloud
from tests.localcloud.test_ecr_api import code

BUCKET = "t-write-once"


@pytest.fixture(scope="module")
def s3(cloud: Cloud) -> Any:
    made = cloud.client("s3")
    made.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    made.put_bucket_policy(Bucket=BUCKET, Policy=bucket_policy(BUCKET))
    return made


def refused(s3: Any, key: str, **condition: str) -> str:
    with pytest.raises(ClientError) as caught:
        s3.put_object(Bucket=BUCKET, Key=key, Body=b"x", **condition)
    return code(caught)


@pytest.mark.parametrize("folder", ["bundles", "names", "records"])
def test_a_write_without_a_condition_is_denied(s3: Any, folder: str) -> None:
    assert refused(s3, f"{folder}/dev/a") == "AccessDenied"
    etag = s3.put_object(Bucket=BUCKET, Key=f"{folder}/dev/a", Body=b"1", IfNoneMatch="*")["ETag"]
    assert refused(s3, f"{folder}/dev/a", IfNoneMatch="*") == "PreconditionFailed"
    if folder == "records":
        s3.put_object(Bucket=BUCKET, Key=f"{folder}/dev/a", Body=b"2", IfMatch=etag)
    else:
        assert refused(s3, f"{folder}/dev/a", IfMatch=etag) == "AccessDenied"


def test_what_the_policy_does_not_speak_of_may_be_written(s3: Any) -> None:
    s3.put_object(Bucket=BUCKET, Key="elsewhere", Body=b"1")
    s3.put_object_tagging(
        Bucket=BUCKET, Key="elsewhere", Tagging={"TagSet": [{"Key": "a", "Value": "b"}]}
    )
    assert json.loads(s3.get_bucket_policy(Bucket=BUCKET)["Policy"])["Version"] == "2012-10-17"


def test_an_upload_in_parts_needs_the_condition_at_its_end(s3: Any) -> None:
    upload = s3.create_multipart_upload(Bucket=BUCKET, Key="bundles/dev/big")["UploadId"]
    names = {"Bucket": BUCKET, "Key": "bundles/dev/big", "UploadId": upload}
    part = s3.upload_part(**names, PartNumber=1, Body=b"part")
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    with pytest.raises(ClientError) as caught:
        s3.complete_multipart_upload(**names, MultipartUpload=parts)
    assert code(caught) == "AccessDenied"
    s3.complete_multipart_upload(**names, MultipartUpload=parts, IfNoneMatch="*")
