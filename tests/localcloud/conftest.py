"""One cloud of its own for all tests of the room: other ports, another state folder."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.localcloud.cloud import (
    READING,
    UBUNTU,
    USER_DATA,
    WORK,
    Cloud,
    Launch,
    Machine,
    localcloud,
)
from tests.localcloud.lambda_images import images_of
from tests.localcloud.lambda_kit import LOGGING, Kit, trust_of
from tests.localcloud.pusher import Pusher


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """A cloud on free ports; without Docker or images it fails with the cloud's own reason."""
    state = tmp_path_factory.mktemp("cloud")
    started = localcloud("up", "--state", str(state), "--port", "0", "--registry-port", "0")
    try:
        assert started.returncode == 0, f"no local cloud: {started.stderr}"
        ends = json.loads((state / "localcloud" / "endpoints.json").read_text())
        yield Cloud(state, ends["port"], ends["registry_port"])
    finally:
        localcloud("down", "--state", str(state))


@pytest.fixture
def repository(cloud: Cloud, request: pytest.FixtureRequest) -> str:
    """A new mutable repository named after the test."""
    name = f"t/{hashlib.sha256(request.node.nodeid.encode()).hexdigest()[:12]}"
    cloud.client("ecr").create_repository(repositoryName=name)
    return name


@pytest.fixture
def pusher(cloud: Cloud, repository: str) -> Pusher:
    """A logged-in client of that repository."""
    return Pusher(cloud, repository, cloud.token())


@pytest.fixture
def usual_limits(cloud: Cloud) -> Iterator[None]:
    """Puts the limits back after a test that changes them."""
    before = requests.get(f"{cloud.url}/_localcloud/limits", timeout=10).json()
    yield
    cloud.limits(**before)


@pytest.fixture(scope="session")
def launch(cloud: Cloud) -> Launch:
    """Starts an instance: with a role that SSM accepts, or without a profile."""
    iam, ec2, ssm = cloud.client("iam"), cloud.client("ec2"), cloud.client("ssm")
    principal = {"Service": "ec2.amazonaws.com"}
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    for role in ("host", "plain"):
        iam.create_role(RoleName=role, AssumeRolePolicyDocument=document)
        iam.create_instance_profile(InstanceProfileName=role)
        iam.add_role_to_instance_profile(InstanceProfileName=role, RoleName=role)
    policy = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
    iam.attach_role_policy(RoleName="host", PolicyArn=policy)
    iam.put_role_policy(RoleName="host", PolicyName="work", PolicyDocument=WORK)
    ami = ssm.get_parameter(Name=UBUNTU)["Parameter"]["Value"]

    def run(profile: str | None = "host", **options: Any) -> Machine:
        if profile:
            options["IamInstanceProfile"] = {"Name": profile}
        wish = {"ImageId": ami, "MinCount": 1, "MaxCount": 1, "InstanceType": "t3.micro"}
        made = ec2.run_instances(**{**wish, **options})["Instances"][0]
        return Machine(cloud, made["InstanceId"])

    return run


@pytest.fixture(scope="session")
def machine(launch: Launch) -> Machine:
    """An online machine that all tests of a session may use, none may stop."""
    made = launch(UserData=USER_DATA)
    made.wait_online()
    return made


@pytest.fixture(scope="session")
def kit(cloud: Cloud) -> Kit:
    """What makes functions: images `one` and `two` of programs so called, and a role that logs."""
    images = images_of(cloud, "lambda/programs")
    for name in ("one", "two"):
        images.push(name, name)
    iam = cloud.client("iam")
    trust = trust_of("lambda.amazonaws.com")
    role = iam.create_role(RoleName="function", AssumeRolePolicyDocument=trust)["Role"]
    iam.attach_role_policy(RoleName="function", PolicyArn=LOGGING)
    iam.put_role_policy(RoleName="function", PolicyName="work", PolicyDocument=READING)
    return Kit(cloud, images, role["Arn"])
