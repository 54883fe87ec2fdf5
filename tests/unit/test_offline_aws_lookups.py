"""The lookups of the offline aws plugin against moto."""

from collections.abc import Iterator

import grpc
import pytest

from offline.aws.catalogue import INVOKE_TYPES
from tests.offline_aws_engine import State, configuration, engine
from tests.offline_aws_examples import World, document

PARAMETER = "/aws/service/ami-amazon-linux-latest/amzn2-ami-hvm-x86_64-gp2"


@pytest.fixture(scope="module")
def world(moto_url: str) -> Iterator[World]:
    with engine(configuration(moto_url)) as asking:
        world = World(asking, moto_url, "", "", "")
        world.ami = world.aws("ec2").describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
        world.subnet = world.aws("ec2").describe_subnets()["Subnets"][0]["SubnetId"]
        world.new("aws:ecr/repository:Repository", "api", {"name": "dev/api"})
        world.new("aws:s3/bucket:Bucket", "store", {"bucket": "acme-deploys"})
        world.new(
            "aws:ssm/document:Document",
            "deploy",
            {"name": "deploy", "documentType": "Command", "content": document("echo")},
        )
        instance = {"ami": world.ami, "instanceType": "t3.small", "tags": {"role": "app"}}
        world.new("aws:ec2/instance:Instance", "host", instance)
        yield world


def ask(world: World, path: str, **arguments: object) -> State:
    token = f"aws:{path}:{path.split('/')[1]}"
    answer = world.engine.invoke(token, **arguments)
    assert set(answer) <= INVOKE_TYPES[token].results
    return answer


def test_who_and_where_we_are(world: World) -> None:
    assert ask(world, "index/getCallerIdentity")["accountId"] == "123456789012"
    assert ask(world, "index/getRegion")["region"] == "eu-west-1"


def test_an_identity_provider_is_found_by_arn_or_address_and_a_missing_one_is_named(
    world: World,
) -> None:
    token, path = (
        "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
        "iam/getOpenIdConnectProvider",
    )
    inputs = {"url": "https://tokens.example.com", "clientIdLists": ["sts.amazonaws.com"]}
    made = world.engine.create(token, "tokens", inputs)

    by_arn, by_url = (
        ask(world, path, arn=made.id),
        ask(world, path, url="https://tokens.example.com"),
    )
    world.engine.delete(made)

    assert by_arn == by_url
    assert by_arn["clientIdLists"] == ["sts.amazonaws.com"]
    with pytest.raises(grpc.RpcError, match=r"provider '.*tokens.example.com' does not exist"):
        ask(world, path, arn=made.id)


def test_the_default_network_is_found(world: World) -> None:
    vpc = ask(world, "ec2/getVpc", default=True)
    assert vpc["default"] is True
    filters = [{"name": "vpc-id", "values": [vpc["id"]]}]
    subnets = ask(world, "ec2/getSubnets", filters=filters)["ids"]
    assert world.subnet in subnets
    assert ask(world, "ec2/getSubnet", id=world.subnet)["vpcId"] == vpc["id"]


def test_instances_are_found_by_tag(world: World) -> None:
    host = world.made[-1]
    found = ask(world, "ec2/getInstances", instanceTags={"role": "app"})
    assert found["ids"] == [host.id]
    assert found["privateIps"] == [host.state["privateIp"]]
    assert ask(world, "ec2/getInstances", instanceTags={"role": "other"})["ids"] == []
    one = ask(world, "ec2/getInstance", instanceId=host.id)
    assert one["ami"] == world.ami
    assert one["tags"] == {"role": "app"}


def test_what_another_stack_made_is_found_by_name(world: World) -> None:
    repository = ask(world, "ecr/getRepository", name="dev/api")
    assert repository["repositoryUrl"] == world.made[0].state["repositoryUrl"]
    assert ask(world, "s3/getBucket", bucket="acme-deploys")["arn"] == "arn:aws:s3:::acme-deploys"
    assert ask(world, "ssm/getDocument", name="deploy")["documentType"] == "Command"


def test_a_parameter_is_a_secret_value(world: World) -> None:
    parameter = ask(world, "ssm/getParameter", name=PARAMETER)
    assert parameter["value"].startswith("ami-")
    assert parameter["type"] == "String"


@pytest.mark.parametrize(
    ("path", "arguments", "named"),
    [
        ("s3/getBucket", {"bucket": "nowhere"}, "S3 bucket 'nowhere' does not exist"),
        ("ssm/getParameter", {"name": "/none"}, "SSM parameter '/none' does not exist"),
        ("ec2/getVpc", {"cidrBlock": "9.9.9.0/24"}, "exactly one VPC must match"),
        ("ec2/getInstance", {"instanceTags": {"role": "x"}}, "exactly one instance must match"),
        ("ecr/getRepository", {"name": "none"}, "RepositoryNotFoundException"),
    ],
)
def test_what_is_not_there_is_named(world: World, path: str, arguments: State, named: str) -> None:
    with pytest.raises(grpc.RpcError) as error:
        ask(world, path, **arguments)
    assert named in error.value.details()
