"""The API's own rules: who asks, what is counted, what moto would let through."""

import json
import time

import pytest
import requests
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.localcloud.cloud import UBUNTU, Cloud
from tests.localcloud.test_ecr_api import code


def test_any_key_is_the_local_account(cloud: Cloud) -> None:
    identity = cloud.client("sts").get_caller_identity()
    assert identity["Account"] == "123456789012"


def test_an_assumed_role_is_known_by_its_name(cloud: Cloud) -> None:
    keys = assume(cloud, "reader", 900)
    arn = cloud.client("sts", **keys).get_caller_identity()["Arn"]
    assert arn == "arn:aws:sts::123456789012:assumed-role/reader/test"


@pytest.mark.parametrize(
    ("service", "call", "expected"),
    [
        ("sts", "get_caller_identity", "ExpiredToken"),
        ("s3", "list_buckets", "ExpiredToken"),
        ("ec2", "describe_instances", "RequestExpired"),
        ("ssm", "describe_instance_information", "ExpiredTokenException"),
        ("ecr", "get_authorization_token", "ExpiredTokenException"),
    ],
)
def test_a_session_that_is_over_is_refused(
    cloud: Cloud, service: str, call: str, expected: str
) -> None:
    keys = assume(cloud, "reader", 0)
    with pytest.raises(ClientError) as caught:
        getattr(cloud.client(service, **keys), call)()
    assert code(caught) == expected


def test_an_object_comes_back_as_it_was_put(cloud: Cloud) -> None:
    s3 = cloud.client("s3")
    where = {"LocationConstraint": "eu-west-1"}
    s3.create_bucket(Bucket="test-objects", CreateBucketConfiguration=where)
    data = bytes(range(256)) * 40_000
    s3.put_object(Bucket="test-objects", Key="a/b.tar.gz", Body=data)
    assert s3.get_object(Bucket="test-objects", Key="a/b.tar.gz")["Body"].read() == data


def test_a_second_conditional_put_is_refused(cloud: Cloud) -> None:
    s3 = cloud.client("s3")
    where = {"LocationConstraint": "eu-west-1"}
    s3.create_bucket(Bucket="test-once", CreateBucketConfiguration=where)
    s3.put_object(Bucket="test-once", Key="record", Body=b"1", IfNoneMatch="*")
    with pytest.raises(ClientError) as caught:
        s3.put_object(Bucket="test-once", Key="record", Body=b"2", IfNoneMatch="*")
    assert code(caught) == "PreconditionFailed"


def test_a_bucket_that_demands_tls_can_be_used(cloud: Cloud) -> None:
    s3 = cloud.client("s3")
    where = {"LocationConstraint": "eu-west-1"}
    s3.create_bucket(Bucket="test-tls", CreateBucketConfiguration=where)
    statement = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}
    tls = {**statement, "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    s3.put_bucket_policy(Bucket="test-tls", Policy=policy(tls))
    s3.put_object(Bucket="test-tls", Key="a", Body=b"1")
    s3.put_bucket_policy(Bucket="test-tls", Policy=policy(statement))
    with pytest.raises(ClientError) as caught:
        s3.put_object(Bucket="test-tls", Key="a", Body=b"1")
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


def test_reads_are_no_writes_and_refused_writes_count(cloud: Cloud) -> None:
    ecr, s3 = cloud.client("ecr"), cloud.client("s3")
    requests.post(f"{cloud.url}/_localcloud/counters/reset", timeout=10)
    ecr.describe_repositories()
    s3.list_buckets()
    assert set(cloud.counters().values()) == {0, cloud.counters()["api_calls"]}
    assert cloud.counters()["api_calls"] == 2
    with pytest.raises(ClientError):
        ecr.create_repository(repositoryName="Not-Allowed")
    with pytest.raises(ClientError):
        s3.put_object(Bucket="no-such-bucket", Key="a", Body=b"")
    counted = cloud.counters()
    assert (counted["api_writes"], counted["s3_writes"], counted["api_calls"]) == (2, 1, 4)


def test_an_unknown_limit_is_refused_by_name(cloud: Cloud) -> None:
    answer = cloud.limits(ecr_token_minutes=1)
    assert answer.status_code == 400
    assert "ecr_token_minutes" in answer.text
    assert "ecr_token_seconds" in answer.text


def test_motos_back_door_is_closed(cloud: Cloud) -> None:
    assert requests.post(f"{cloud.url}/moto-api/reset", timeout=10).status_code == 404


def test_the_public_ubuntu_parameter_names_an_image_that_exists(cloud: Cloud) -> None:
    for region in ("eu-west-1", "us-east-1"):
        name = cloud.client("ssm", region).get_parameter(Name=UBUNTU)["Parameter"]["Value"]
        (image,) = cloud.client("ec2", region).describe_images(ImageIds=[name])["Images"]
        assert (image["OwnerId"], image["Architecture"]) == ("099720109477", "x86_64")


def test_an_unknown_image_starts_no_instance(cloud: Cloud) -> None:
    with pytest.raises(ClientError) as caught:
        cloud.client("ec2").run_instances(ImageId="ami-0123456789abcdef0", MinCount=1, MaxCount=1)
    assert code(caught).startswith("InvalidAMIID")


def test_an_unknown_instance_type_starts_no_instance(cloud: Cloud) -> None:
    ami = cloud.client("ssm").get_parameter(Name=UBUNTU)["Parameter"]["Value"]
    with pytest.raises(ClientError) as caught:
        cloud.client("ec2").run_instances(
            ImageId=ami, InstanceType="t3.colossal", MinCount=1, MaxCount=1
        )
    assert code(caught).startswith("InvalidInstanceType")


def test_a_document_is_refused_when_it_is_made_not_when_it_is_sent(cloud: Cloud) -> None:
    with pytest.raises(ClientError) as caught:
        cloud.client("ssm").create_document(
            Name="test-broken", DocumentType="Command", Content='{"schemaVersion": "2.2"}'
        )
    assert code(caught) == "InvalidDocumentContent"


def policy(statement: object) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def assume(cloud: Cloud, role: str, seconds: int) -> dict[str, str]:
    """Keys of a role session; of one that has ended if seconds is 0."""
    answer = cloud.client("sts", config=Config(parameter_validation=False)).assume_role(
        RoleArn=f"arn:aws:iam::123456789012:role/{role}",
        RoleSessionName="test",
        DurationSeconds=seconds or 1,
    )
    if not seconds:
        time.sleep(1.1)
    found = answer["Credentials"]
    return {
        "aws_access_key_id": found["AccessKeyId"],
        "aws_secret_access_key": found["SecretAccessKey"],
        "aws_session_token": found["SessionToken"],
    }
