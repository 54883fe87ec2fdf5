"""Instances are real machines, and their role is all that they can be."""

import json
import time

import docker
import pytest
from botocore.exceptions import ClientError

from tests.localcloud.cloud import Cloud, Launch, Machine, container, inside
from tests.localcloud.pusher import Pusher

IMDS = "http://169.254.169.254/latest"
TOKEN = f"T=$(curl -sX PUT {IMDS}/api/token -H 'X-aws-ec2-metadata-token-ttl-seconds: 60')"
GET = 'curl -s -H "X-aws-ec2-metadata-token: $T"'
REGION = "export AWS_REGION=eu-west-1 AWS_DEFAULT_REGION=eu-west-1 HOME=/root"


def wait_booted(machine: Machine, seconds: float = 30) -> None:
    """Waits for the end of the boot without asking SSM."""
    deadline = time.monotonic() + seconds
    while inside(machine, "systemctl is-system-running").strip() != "running":
        assert time.monotonic() < deadline, f"{machine.id} has not booted after {seconds} s"


def test_a_machine_boots_with_systemd_and_no_failed_unit(launch: Launch) -> None:
    fresh = launch()
    fresh.wait_online()
    found = fresh.run("systemctl is-system-running --wait; ps -p 1 -o comm=")
    assert found["StandardOutputContent"].split() == ["running", "systemd"]


def test_user_data_ran_once_as_root(machine: Machine) -> None:
    found = machine.run("cat /root/made; stat -c %U /root/made")
    assert found["StandardOutputContent"] == "made by user data\nroot\n"


def test_the_private_address_is_the_machines_own(cloud: Cloud, machine: Machine) -> None:
    answer = cloud.client("ec2").describe_instances(InstanceIds=[machine.id])
    address = answer["Reservations"][0]["Instances"][0]["PrivateIpAddress"]
    assert address in machine.run("hostname -I")["StandardOutputContent"].split()


def test_nginx_has_port_80_for_itself(machine: Machine) -> None:
    found = machine.run("curl -s -o /dev/null -w '%{http_code}' http://127.0.0.1/")
    assert found["StandardOutputContent"] == "200"


def test_metadata_needs_a_token(machine: Machine) -> None:
    found = machine.run(
        f"curl -s -o /dev/null -w '%{{http_code}} ' {IMDS}/meta-data/instance-id",
        f"{TOKEN}; {GET} {IMDS}/meta-data/instance-id; echo",
        f"{GET} {IMDS}/meta-data/placement/region",
    )
    assert found["StandardOutputContent"] == f"401 {machine.id}\neu-west-1", found


def test_a_metadata_token_with_a_senseless_lifetime_is_refused(machine: Machine) -> None:
    header = "X-aws-ec2-metadata-token-ttl-seconds"
    ask = f"curl -s -o /dev/null -w '%{{http_code}} ' -X PUT {IMDS}/api/token"
    found = machine.run(f"{ask}; {ask} -H '{header}: 0'; {ask} -H '{header}: 21601'")
    assert found["StandardOutputContent"] == "400 400 400 "


def test_the_machine_is_its_role(machine: Machine) -> None:
    found = machine.run(REGION, "aws sts get-caller-identity --query Arn --output text")
    arn = f"arn:aws:sts::123456789012:assumed-role/host/{machine.id}"
    assert found["StandardOutputContent"].strip() == arn


@pytest.mark.usefixtures("usual_limits")
def test_role_credentials_end_and_are_renewed(cloud: Cloud, launch: Launch) -> None:
    cloud.limits(role_credentials_seconds=2)
    made = launch()
    made.wait_online()
    ask = f"{TOKEN}; {GET} {IMDS}/meta-data/iam/security-credentials/host"
    first = json.loads(made.run(ask)["StandardOutputContent"])
    keys = {
        "aws_access_key_id": first["AccessKeyId"],
        "aws_secret_access_key": first["SecretAccessKey"],
        "aws_session_token": first["Token"],
    }
    sts = cloud.client("sts", **keys)
    assert made.id in sts.get_caller_identity()["Arn"]
    time.sleep(2.1)
    with pytest.raises(sts.exceptions.ClientError, match="ExpiredToken"):
        sts.get_caller_identity()
    second = json.loads(made.run(ask)["StandardOutputContent"])
    assert second["AccessKeyId"] != first["AccessKeyId"]
    cloud.client("ec2").terminate_instances(InstanceIds=[made.id])


def test_a_file_is_fetched_from_the_bucket_with_the_role(cloud: Cloud, machine: Machine) -> None:
    s3 = cloud.client("s3")
    where = {"LocationConstraint": "eu-west-1"}
    s3.create_bucket(Bucket="test-machine", CreateBucketConfiguration=where)
    s3.put_object(Bucket="test-machine", Key="bundle", Body=b"bundle of the release")
    found = machine.run(REGION, "aws s3 cp --quiet s3://test-machine/bundle - ")
    assert found["StandardOutputContent"] == "bundle of the release"


def test_the_machines_docker_logs_in_and_pulls(cloud: Cloud, machine: Machine) -> None:
    host = f"127.0.0.1:{cloud.registry_port}"
    found = machine.run(
        REGION,
        f"docker pull -q {host}/base/debian:bookworm && echo unexpected",
        f"aws ecr get-login-password | docker login -u AWS --password-stdin {host} 2>/dev/null",
        f"docker pull -q {host}/base/debian:bookworm",
        f"docker run --rm {host}/base/debian:bookworm cat /etc/debian_version",
        "docker logout " + host,
    )
    assert found["Status"] == "Success", found["StandardErrorContent"]
    assert "unexpected" not in found["StandardOutputContent"]
    assert "Login Succeeded" in found["StandardOutputContent"]
    assert "\n12." in found["StandardOutputContent"]


def test_no_key_is_in_image_unit_or_environment(machine: Machine) -> None:
    words = "AWS_ACCESS_KEY|AWS_SECRET|AWS_SESSION|aws_access_key_id|aws_secret"
    found = machine.run(
        "cat /root/environment; env; systemctl show-environment; systemctl cat '*' 2>/dev/null",
        "ls /root/.aws /etc/aws 2>/dev/null; cat /etc/environment /etc/profile.d/*",
    )["StandardOutputContent"]
    assert "AWS_ENDPOINT_URL" in found
    assert not [word for word in words.split("|") if word in found]
    made = docker.from_env().api.inspect_container(container(machine))
    assert not [word for word in words.split("|") if word in json.dumps(made["Config"])]


def test_without_a_profile_there_are_no_credentials_and_no_ssm(
    cloud: Cloud, launch: Launch
) -> None:
    made = launch(profile=None)
    wait_booted(made)
    roles = inside(made, f"{TOKEN}; {GET} -w '%{{http_code}}' {IMDS}/meta-data/iam/info")
    assert roles == "404"
    assert "Unable to locate credentials" in inside(made, f"{REGION}; aws s3 ls 2>&1")
    assert made.ping() is None
    cloud.client("ec2").terminate_instances(InstanceIds=[made.id])


def test_a_role_that_may_not_report_is_unknown_to_ssm(cloud: Cloud, launch: Launch) -> None:
    made = launch(profile="plain")
    wait_booted(made)
    assert made.ping() is None
    with pytest.raises(ClientError, match="InvalidInstanceId"):
        made.send("true")
    cloud.client("ec2").terminate_instances(InstanceIds=[made.id])


def test_a_repository_is_served_to_machines_by_the_same_rules(
    cloud: Cloud, machine: Machine, pusher: Pusher
) -> None:
    digest = pusher.push("one", "v1")
    uri = f"http://127.0.0.1:{cloud.registry_port}/v2/{pusher.name}/manifests/v1"
    found = machine.run(
        REGION,
        f"curl -s -o /dev/null -w '%{{http_code}} ' {uri}",
        "password=$(aws ecr get-login-password)",
        f"curl -sI -u AWS:$password {uri} | tr -d '\\r' | grep -i content-digest",
    )
    assert found["StandardOutputContent"] == f"401 Docker-Content-Digest: {digest}\n"
