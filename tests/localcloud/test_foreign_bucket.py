"""Buckets are their account's own."""

import pytest
from botocore.exceptions import ClientError

from tests.localcloud.cloud import REGION, Cloud
from tests.localcloud.test_accounts import policy, theirs
from tests.localcloud.test_ecr_api import code

WHERE = {"LocationConstraint": REGION}


def test_a_bucket_of_another_account_is_closed_but_for_what_its_policy_allows(
    cloud: Cloud,
) -> None:
    mine, other = cloud.client("s3"), theirs(cloud, "s3")
    mine.create_bucket(Bucket="t-records", CreateBucketConfiguration=WHERE)
    mine.put_object(Bucket="t-records", Key="records/dev/1", Body=b"one")
    read = {"Bucket": "t-records", "Key": "records/dev/1"}
    with pytest.raises(ClientError) as caught:
        other.get_object(**read)
    assert code(caught) == "AccessDenied"
    allowed = policy("s3:GetObject", Resource="arn:aws:s3:::t-records/records/*")
    mine.put_bucket_policy(Bucket="t-records", Policy=allowed)
    assert other.get_object(**read)["Body"].read() == b"one"
    for call, wish in (
        ("put_object", {"Key": "records/dev/1", "Body": b"two"}),
        ("delete_object", {"Key": "records/dev/1"}),
        ("list_objects_v2", {}),
        ("get_bucket_policy", {}),
        ("get_object", {"Key": "else"}),
    ):
        with pytest.raises(ClientError) as caught:
            getattr(other, call)(Bucket="t-records", **wish)
        assert code(caught) == "AccessDenied"
    listing = policy("s3:ListBucket", Resource="arn:aws:s3:::t-records")
    mine.put_bucket_policy(Bucket="t-records", Policy=listing)
    found = other.list_objects_v2(Bucket="t-records", Prefix="records/", StartAfter="records/")[
        "Contents"
    ]
    assert [entry["Key"] for entry in found] == ["records/dev/1"]


def test_a_buckets_name_is_taken_in_all_accounts(cloud: Cloud) -> None:
    cloud.client("s3").create_bucket(Bucket="t-taken", CreateBucketConfiguration=WHERE)
    with pytest.raises(ClientError) as caught:
        theirs(cloud, "s3").create_bucket(Bucket="t-taken", CreateBucketConfiguration=WHERE)
    assert code(caught) == "BucketAlreadyExists"
