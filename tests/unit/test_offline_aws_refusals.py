"""What the offline aws plugin refuses, each by one message that names it."""

import os

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2, status_pb2

from offline.aws.cloud import settings
from offline.plugin.definition import ConfigurationError
from offline.plugin.wire import encode_map
from tests.offline_aws_engine import Engine, configuration, engine, urn

BUCKET = "aws:s3/bucket:Bucket"
REPOSITORY = "aws:ecr/repository:Repository"
PROFILE = "aws:iam/instanceProfile:InstanceProfile"


def refusal(error: pytest.ExceptionInfo[grpc.RpcError]) -> str:
    details: str = error.value.details()
    assert "Traceback" not in details
    assert 'File "' not in details
    return details


def test_an_unknown_type_is_refused_by_name(asking: Engine) -> None:
    with pytest.raises(grpc.RpcError) as error:
        asking.check("aws:sqs/queue:Queue", "jobs", {})
    assert refusal(error).startswith("aws:sqs/queue:Queue: this resource type is not known")
    assert BUCKET in refusal(error)


def test_an_unknown_lookup_and_an_unknown_argument_are_refused_by_name(asking: Engine) -> None:
    with pytest.raises(grpc.RpcError) as error:
        asking.invoke("aws:iam/getPolicyDocument:getPolicyDocument")
    assert "aws:iam/getPolicyDocument:getPolicyDocument: this lookup" in refusal(error)
    with pytest.raises(grpc.RpcError) as error:
        asking.invoke("aws:s3/getBucket:getBucket", bucket="x", colour="red")
    assert "argument 'colour' is not known" in refusal(error)
    with pytest.raises(grpc.RpcError) as error:
        asking.invoke("aws:s3/getBucket:getBucket")
    assert "argument 'bucket' is required" in refusal(error)


def test_unknown_and_missing_properties_are_all_named_at_once(asking: Engine) -> None:
    inputs = {
        "foo": 1,
        "imageScanningConfiguration": {"onPush": True},
        "imageTagMutabilityExclusionFilters": [{"filter": "latest*"}],
    }
    _, failures = asking.check(REPOSITORY, "api", inputs)
    text = "\n".join(failures)
    assert f"{REPOSITORY}: property 'foo' is not known to the offline aws plugin" in text
    assert "imageTagMutability, " in text
    assert "'imageScanningConfiguration.onPush' is not known" in text
    assert "'imageScanningConfiguration.scanOnPush' is required" in text
    assert "'imageTagMutabilityExclusionFilters[0].filterType' is required" in text


def test_a_wrong_account_is_refused_before_anything(moto_url: str) -> None:
    with engine() as asking:
        config = configuration(moto_url, allowedAccountIds='["999999999999"]')
        with pytest.raises(grpc.RpcError) as error:
            asking.configure(config)
        assert "wrong AWS account: the credentials belong to 123456789012" in refusal(error)
        assert "allowed: 999999999999" in refusal(error)
        with pytest.raises(grpc.RpcError) as error:
            asking.create(BUCKET, "b", {"bucket": "never-made"})
        assert "not configured" in refusal(error)


def test_the_right_account_is_let_in(moto_url: str) -> None:
    with engine(configuration(moto_url, allowedAccountIds='["123456789012"]')) as asking:
        identity = asking.invoke("aws:index/getCallerIdentity:getCallerIdentity")
    assert identity["accountId"] == "123456789012"


@pytest.mark.parametrize(
    ("config", "named"),
    [
        ({"regoin": "eu-west-1"}, "aws:regoin: not known"),
        ({"region": "eu-west-1", "endpoints": "[{"}, "aws:endpoints: not valid JSON"),
        ({"region": "eu-west-1", "endpoints": '{"s3": "x"}'}, "a list of objects"),
        ({}, "aws:region: missing"),
    ],
)
def test_wrong_settings_are_refused_by_key(
    config: dict[str, str], named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    with pytest.raises(ConfigurationError, match=named.replace("[", r"\[")):
        settings(config)


def test_an_endpoint_that_is_down_is_one_message() -> None:
    with engine(configuration("http://127.0.0.1:9")) as asking:
        with pytest.raises(grpc.RpcError) as error:
            asking.create(BUCKET, "b", {"bucket": "x"})
        assert "is the endpoint of aws:endpoints up?" in refusal(error)


def test_a_half_made_resource_is_kept_and_finished_later(asking: Engine) -> None:
    inputs = {"name": "half", "role": "nobody", "path": "/"}
    with pytest.raises(grpc.RpcError) as error:
        asking.stub.Create(
            provider_pb2.CreateRequest(urn=urn(PROFILE, "p"), properties=encode_map(inputs))
        )
    assert "NoSuchEntity" in refusal(error)
    packed = dict(error.value.trailing_metadata())["grpc-status-details-bin"]
    detail = provider_pb2.ErrorResourceInitFailed()
    assert status_pb2.Status.FromString(packed).details[0].Unpack(detail)
    assert detail.id == "half"
    assert "role" not in detail.properties.fields, "the missing role must be a diff"
