"""A machine belongs to its account, and reaches every registry that lets it in."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.localcloud.cloud import UBUNTU, WORK, Cloud, Machine
from tests.localcloud.pusher import DOCKER_MANIFEST, Pusher
from tests.localcloud.test_accounts import OTHER, theirs
from tests.localcloud.test_ecr_api import code
from tests.localcloud.test_ecr_public import HOME, bearer
from tests.localcloud.test_machine import REGION

CORE = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"


@pytest.fixture(scope="module")
def foreign(cloud: Cloud) -> Iterator[Machine]:
    """An online machine of the second account."""
    iam, ec2 = theirs(cloud, "iam"), theirs(cloud, "ec2")
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole"}
    statement = {**trust, "Principal": {"Service": "ec2.amazonaws.com"}}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.create_role(RoleName="other", AssumeRolePolicyDocument=document)
    iam.attach_role_policy(RoleName="other", PolicyArn=CORE)
    iam.put_role_policy(RoleName="other", PolicyName="work", PolicyDocument=WORK)
    iam.create_instance_profile(InstanceProfileName="other")
    iam.add_role_to_instance_profile(InstanceProfileName="other", RoleName="other")
    ami = theirs(cloud, "ssm").get_parameter(Name=UBUNTU)["Parameter"]["Value"]
    wish: dict[str, Any] = {"ImageId": ami, "MinCount": 1, "MaxCount": 1}
    profile = {"Name": "other"}
    made = ec2.run_instances(**wish, IamInstanceProfile=profile)["Instances"][0]["InstanceId"]
    machine = Machine(cloud, made, OTHER)
    machine.wait_online()
    yield machine
    ec2.terminate_instances(InstanceIds=[made])


def test_a_machine_is_its_accounts_role(foreign: Machine) -> None:
    found = foreign.run(REGION, "aws sts get-caller-identity --query Arn --output text")
    arn = f"arn:aws:sts::{OTHER}:assumed-role/other/{foreign.id}"
    assert found["StandardOutputContent"].strip() == arn


def test_a_machine_and_its_commands_are_nothing_to_another_account(
    cloud: Cloud, foreign: Machine
) -> None:
    assert Machine(cloud, foreign.id).ping() is None
    command = foreign.send("echo secret")
    foreign.wait(command)
    ssm = cloud.client("ssm")
    with pytest.raises(ClientError) as caught:
        ssm.get_command_invocation(CommandId=command, InstanceId=foreign.id)
    assert code(caught) == "InvocationDoesNotExist"
    assert command not in [each["CommandId"] for each in ssm.list_commands()["Commands"]]
    with pytest.raises(ClientError) as caught:
        ssm.cancel_command(CommandId=command)
    assert code(caught) == "InvalidCommandId"
    with pytest.raises(ClientError) as caught:
        Machine(cloud, foreign.id).send("true")
    assert code(caught) == "InvalidInstanceId"


def test_the_machines_docker_pulls_from_its_accounts_host_and_not_from_the_others(
    cloud: Cloud, foreign: Machine
) -> None:
    data = theirs(cloud, "ecr").get_authorization_token()["authorizationData"][0]
    own, other = data["proxyEndpoint"].removeprefix("http://"), f"127.0.0.1:{cloud.registry_port}"
    image = "base/debian:bookworm"
    found = foreign.run(
        REGION,
        "password=$(aws ecr get-login-password)",
        f"for host in {own} {other}; do",
        '  echo "$password" | docker login -u AWS --password-stdin $host 2>/dev/null',
        f"  docker pull -q $host/{image} 2>&1",
        "done",
    )
    lines = found["StandardOutputContent"]
    assert f"{own}/{image}\n" in lines
    assert f"{other}/{image}\n" not in lines
    assert "denied" in lines


def test_the_machines_docker_pulls_a_public_image_without_a_login(
    cloud: Cloud, foreign: Machine
) -> None:
    ecr = cloud.client("ecr-public", HOME)
    uri = ecr.create_repository(repositoryName="t/machine")["repository"]["repositoryUri"]
    host, _, path = uri.partition("/")
    copy_base(cloud, Pusher(cloud, path, bearer(cloud, host), host))
    found = foreign.run(
        "rm -rf /root/.docker; export HOME=/root",
        f"docker run --rm {uri}:v1 cat /etc/debian_version",
    )
    assert found["StandardOutputContent"].startswith("12."), found["StandardErrorContent"]
    ecr.delete_repository(repositoryName="t/machine", force=True)


def copy_base(cloud: Cloud, target: Pusher) -> None:
    """Pushes the base image of the sample services as v1."""
    base = Pusher(cloud, "base/debian", cloud.token())
    manifest = base.call("GET", "manifests/bookworm", headers={"Accept": DOCKER_MANIFEST})
    for part in (manifest.json()["config"], *manifest.json()["layers"]):
        target.blob(base.call("GET", f"blobs/{part['digest']}").content)
    assert target.put(manifest.text, "v1").status_code == 201
