"""Which images a function may have, and that it keeps the one that it was given."""

import json

import pytest
from botocore.exceptions import ClientError

from tests.localcloud.cloud import Cloud
from tests.localcloud.lambda_kit import Kit, refusal
from tests.localcloud.pusher import DOCKER_MANIFEST, OCI_INDEX, digest_of

NOT_SUPPORTED = "The image manifest, config or layer media type for the source image"


def test_a_function_keeps_its_image_when_the_tag_moves(kit: Kit) -> None:
    digest = kit.images.push("one", "moving")
    kit.create("pinned", "moving")
    other = kit.images.push("two", "moving")
    found = kit.client.get_function(FunctionName="pinned")
    assert found["Code"]["ImageUri"] == f"{kit.images.uri}:moving"
    assert found["Code"]["ResolvedImageUri"] == f"{kit.images.uri}@{digest}"
    assert found["Configuration"]["CodeSha256"] == digest.removeprefix("sha256:")
    assert kit.said("pinned")["program"] == "one"
    kit.update("pinned", "moving")
    found = kit.client.get_function(FunctionName="pinned")
    assert found["Code"]["ResolvedImageUri"].endswith(other)
    assert kit.said("pinned")["program"] == "two"


def test_an_index_is_refused_in_awss_words(kit: Kit) -> None:
    digest = kit.images.push("one", "for-index")
    size = len(kit.images.pusher.call("GET", "manifests/for-index").content)
    entry = {"mediaType": DOCKER_MANIFEST, "digest": digest, "size": size}
    platform = {"platform": {"os": "linux", "architecture": "amd64"}}
    index = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [{**entry, **platform}]}
    assert kit.images.pusher.put(json.dumps(index), "index", OCI_INDEX).status_code == 201
    kit.create("single")
    for uri in (f"{kit.images.uri}:index", f"{kit.images.uri}@{digest_of(json.dumps(index))}"):
        with pytest.raises(ClientError, match=f"{NOT_SUPPORTED} {uri} is not supported") as error:
            kit.client.update_function_code(FunctionName="single", ImageUri=uri)
        assert refusal(error) == ("InvalidParameterValueException", 400)
    assert kit.update("single", "for-index")["CodeSha256"] == digest.removeprefix("sha256:")


def test_layers_that_lambda_cannot_unpack_are_refused(kit: Kit) -> None:
    kind = "application/vnd.oci.image.layer.v1.tar+zstd"
    layers = [{**layer, "mediaType": kind} for layer in kit.images.layers]
    kit.images.push("one", "zstd", layers=layers)
    with pytest.raises(ClientError, match=NOT_SUPPORTED):
        kit.create("zstd", "zstd")


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        (":never-pushed", "does not exist"),
        (f"@sha256:{'0' * 64}", "does not exist"),
        ("/of/nobody:1", "does not exist"),
        ("", "is not valid"),
    ],
)
def test_an_image_that_is_not_there_is_refused(kit: Kit, path: str, reason: str) -> None:
    message = f"{path} {reason}. Provide a valid source image."
    code = {"ImageUri": kit.images.uri + path}
    with pytest.raises(ClientError, match=message) as error:
        kit.client.create_function(
            FunctionName="nowhere", PackageType="Image", Role=kit.role, Code=code
        )
    assert refusal(error) == ("InvalidParameterValueException", 400)


def test_an_image_of_another_region_or_of_ecr_public_is_refused(kit: Kit, cloud: Cloud) -> None:
    wish = {"FunctionName": "far", "PackageType": "Image", "Role": kit.role}
    elsewhere = cloud.client("lambda", "eu-central-1")
    with pytest.raises(ClientError, match="does not exist"):
        elsewhere.create_function(**wish, Code={"ImageUri": f"{kit.images.uri}:one"})
    public = f"127.0.0.2:{cloud.registry_port}/alias/programs:one"
    with pytest.raises(ClientError, match="is not valid"):
        kit.client.create_function(**wish, Code={"ImageUri": public})


def test_an_image_of_another_account_needs_its_permission(kit: Kit, cloud: Cloud) -> None:
    other = {"aws_access_key_id": "210987654321"}
    iam, client = cloud.client("iam", **other), cloud.client("lambda", **other)
    principal = {"Service": "lambda.amazonaws.com"}
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    role = iam.create_role(RoleName="guest", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    wish = {
        "FunctionName": "guest",
        "PackageType": "Image",
        "Role": role,
        "Code": {"ImageUri": f"{kit.images.uri}:one"},
    }
    with pytest.raises(ClientError, match="does not have permission to access the ECR image") as e:
        client.create_function(**wish)
    assert refusal(e) == ("AccessDeniedException", 403)
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::210987654321:root"},
        "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    cloud.client("ecr").set_repository_policy(
        repositoryName=kit.images.pusher.name, policyText=policy
    )
    client.create_function(**wish)
    client.get_waiter("function_active_v2").wait(
        FunctionName="guest", WaiterConfig={"Delay": 1, "MaxAttempts": 30}
    )
    answer = client.invoke(FunctionName="guest")
    assert json.loads(answer["Payload"].read())["program"] == "one"
