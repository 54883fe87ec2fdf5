"""A fleet as AWS treats one: waves, errors, reboots, a cut network, and long output."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from clients import ssm, ssm_output
from clients.aws import AwsAccess
from tests.localcloud.cloud import Cloud, Launch, Machine, inside

LINES = "for i in $(seq 3000); do echo line-$i; done"


@pytest.fixture(scope="module")
def fleet(cloud: Cloud, launch: Launch) -> Iterator[list[Machine]]:
    """Three machines with the tag role=fleet."""
    tags = [{"ResourceType": "instance", "Tags": [{"Key": "role", "Value": "fleet"}]}]
    first = launch(TagSpecifications=tags, MinCount=3, MaxCount=3)
    wish = [{"Name": "tag:role", "Values": ["fleet"]}]
    found = cloud.client("ec2").describe_instances(Filters=wish)["Reservations"]
    made = [Machine(cloud, each["InstanceId"]) for r in found for each in r["Instances"]]
    assert first.id in {each.id for each in made}
    for each in made:
        each.wait_online(60)
    yield made
    cloud.client("ec2").terminate_instances(InstanceIds=[each.id for each in made])


def knob(machine: Machine, **wishes: Any) -> requests.Response:
    url = f"{machine.cloud.url}/_localcloud/machines/{machine.id}"
    return requests.post(url, json=wishes, timeout=30)


def send(cloud: Cloud, script: str, **options: Any) -> str:
    sent = cloud.client("ssm").send_command(
        DocumentName="AWS-RunShellScript",
        Targets=[{"Key": "tag:role", "Values": ["fleet"]}],
        Parameters={"commands": [script]},
        **options,
    )
    return str(sent["Command"]["CommandId"])


def end(cloud: Cloud, command: str, seconds: float = 90) -> dict[str, Any]:
    """The whole command once it has ended."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = cloud.client("ssm").list_commands(CommandId=command)["Commands"][0]
        if found["Status"] not in ("Pending", "InProgress"):
            return dict(found)
        time.sleep(0.1)
    raise AssertionError(f"{command} is {found['Status']} after {seconds} s")


def details(cloud: Cloud, command: str) -> dict[str, str]:
    listed = cloud.client("ssm").list_command_invocations(CommandId=command)
    return {each["InstanceId"]: each["StatusDetails"] for each in listed["CommandInvocations"]}


@pytest.mark.parametrize(
    ("errors", "begun", "whole"), [("0", 1, "Failed"), ("34%", 2, "Failed"), ("3", 3, "Incomplete")]
)
def test_one_after_the_other_until_more_fail_than_may(
    cloud: Cloud, fleet: list[Machine], errors: str, begun: int, whole: str
) -> None:
    sent = send(cloud, "exit 3", MaxConcurrency="1", MaxErrors=errors)
    found = end(cloud, sent)
    assert found["StatusDetails"] == whole
    states = sorted(details(cloud, sent).values())
    assert states == ["Failed"] * begun + ["Terminated"] * (3 - begun)


def test_a_machine_that_is_not_reached_is_no_error_and_no_success(
    cloud: Cloud, fleet: list[Machine]
) -> None:
    assert knob(fleet[0], network=False).json()["network"] is False
    try:
        assert fleet[0].ping() == "ConnectionLost"
        sent = send(cloud, "true", MaxConcurrency="1", MaxErrors="0", TimeoutSeconds=30)
        found = end(cloud, sent)
    finally:
        knob(fleet[0], network=True)
    assert (found["Status"], found["StatusDetails"]) == ("Failed", "Incomplete")
    assert (found["ErrorCount"], found["DeliveryTimedOutCount"]) == (1, 1)
    assert details(cloud, sent) == {
        fleet[0].id: "DeliveryTimedOut",
        fleet[1].id: "Success",
        fleet[2].id: "Success",
    }
    fleet[0].wait_online()


def test_a_result_waits_for_the_network_and_the_script_does_not(fleet: list[Machine]) -> None:
    one = fleet[0]
    sent = one.send("touch /root/begun; sleep 2; touch /root/ended; echo done")
    while not inside(one, "ls /root/begun 2>/dev/null"):
        time.sleep(0.05)
    knob(one, network=False)
    try:
        time.sleep(3)
        assert "ended" in inside(one, "ls /root")
        asked = {"CommandId": sent, "InstanceId": one.id}
        assert one.ssm.get_command_invocation(**asked)["Status"] == "InProgress"
    finally:
        knob(one, network=True)
    assert one.wait(sent)["StandardOutputContent"] == "done\n"


def test_exit_194_reboots_and_runs_the_script_again(fleet: list[Machine]) -> None:
    script = (
        'uptime -s >/dev/null; echo run >>/root/runs; [ "$(wc -l </root/runs)" -ge 3 ] || exit 194'
    )
    booted = "systemctl show --property UserspaceTimestampMonotonic"
    before = inside(fleet[1], booted)
    found = fleet[1].run(script)
    assert (found["Status"], found["ResponseCode"]) == ("Success", 0)
    assert inside(fleet[1], "cat /root/runs").split() == ["run"] * 3
    assert inside(fleet[1], booted) != before


def test_a_script_that_a_power_cut_ends_is_run_again_after_the_boot(
    cloud: Cloud, fleet: list[Machine]
) -> None:
    one, ec2 = fleet[2], cloud.client("ec2")
    sent = one.send(
        "echo run >>/root/cuts; [ $(wc -l </root/cuts) = 2 ] || sleep 60; cat /root/cuts"
    )
    while not inside(one, "cat /root/cuts 2>/dev/null"):
        time.sleep(0.05)
    ec2.stop_instances(InstanceIds=[one.id])
    ec2.start_instances(InstanceIds=[one.id])
    assert one.wait(sent)["StandardOutputContent"] == "run\nrun\n"


def test_an_old_agent_tells_its_version_and_gives_a_script_no_variables(
    cloud: Cloud, fleet: list[Machine]
) -> None:
    content = """{"schemaVersion": "2.2", "parameters": {"word": {"type": "String",
        "allowedPattern": "^[a-z]+$", "interpolationType": "ENV_VAR"}}, "mainSteps": [{"name":
        "say", "action": "aws:runShellScript", "inputs": {"runCommand": ["echo <$SSM_word>"]}}]}"""
    cloud.client("ssm").create_document(
        Name="fleet-say",
        DocumentType="Command",
        Content=content.replace("<$SSM_word>", "'<'$SSM_word'>'"),
    )
    one = fleet[0]
    said = one.wait(one.send_document("fleet-say", {"word": ["hello"]}))
    assert said["StandardOutputContent"] == "<hello>\n"
    knob(one, agent="3.3.2745.0")
    wish = [{"Key": "InstanceIds", "Values": [one.id]}]
    info = one.ssm.describe_instance_information(Filters=wish)["InstanceInformationList"][0]
    assert info["AgentVersion"] == "3.3.2745.0"
    said = one.wait(one.send_document("fleet-say", {"word": ["hello"]}))
    assert said["StandardOutputContent"] == "<>\n"
    knob(one, agent="3.3.3050.0")


def test_long_output_is_whole_in_the_log_and_the_bucket(cloud: Cloud, fleet: list[Machine]) -> None:
    logs, s3 = cloud.client("logs"), cloud.client("s3")
    logs.create_log_group(logGroupName="/fleet")
    cloud.client("iam").put_role_policy(
        RoleName="host", PolicyName="logs", PolicyDocument=WRITE.replace("ACTION", "logs:*")
    )
    place = {"LocationConstraint": "eu-west-1"}
    s3.create_bucket(Bucket="fleet-output", CreateBucketConfiguration=place)
    wanted = {"CloudWatchOutputEnabled": True, "CloudWatchLogGroupName": "/fleet"}
    sent = fleet[0].send_document(
        "AWS-RunShellScript",
        {"commands": [LINES]},
        CloudWatchOutputConfig=wanted,
        OutputS3BucketName="fleet-output",
        OutputS3KeyPrefix="out",
    )
    found = fleet[0].wait(sent)
    assert found["StandardOutputContent"].endswith("---Output truncated---")
    assert found["CloudWatchOutputConfig"] == wanted
    stream = f"{sent}/{fleet[0].id}/aws-runShellScript/stdout"
    tail = logs.get_log_events(logGroupName="/fleet", logStreamName=stream, limit=2)["events"]
    assert [each["message"] for each in tail] == ["line-2999", "line-3000"]
    access = AwsAccess(
        region="eu-west-1",
        endpoints=(("logs", cloud.url), ("ssm", cloud.url)),
        access_key="a",
        secret_key="b",
    )
    cut = ssm.invocation(access, sent, fleet[0].id)
    assert cut is not None
    read = ssm_output.with_its_end(
        access, "/fleet", sent, cut, lambda text: text.endswith("3000"), step="aws-runShellScript"
    )
    assert len(cut.stdout) == 24_000
    assert read.stdout.endswith("line-2999\nline-3000")
    key = f"out/{sent}/{fleet[0].id}/awsrunShellScript/awsrunShellScript/stdout"
    assert found["StandardOutputUrl"].endswith(f"/fleet-output/{key}")
    body = s3.get_object(Bucket="fleet-output", Key=key)["Body"].read()
    assert body.decode().split()[-1] == "line-3000"


def test_without_the_right_a_host_writes_no_log_and_its_command_ends_well(
    cloud: Cloud, fleet: list[Machine]
) -> None:
    cloud.client("logs").create_log_group(logGroupName="/denied")
    cloud.client("iam").delete_role_policy(RoleName="host", PolicyName="logs")
    wanted = {"CloudWatchOutputEnabled": True, "CloudWatchLogGroupName": "/denied"}
    sent = fleet[0].send_document(
        "AWS-RunShellScript", {"commands": ["echo hi"]}, CloudWatchOutputConfig=wanted
    )
    assert fleet[0].wait(sent)["Status"] == "Success"
    streams = cloud.client("logs").describe_log_streams(logGroupName="/denied")
    assert streams["logStreams"] == []


@pytest.mark.usefixtures("usual_limits")
def test_a_small_disk_is_full_soon(cloud: Cloud, launch: Launch) -> None:
    cloud.limits(machine_disk_mib=32)
    made = launch()
    made.wait_online(60)
    found = made.run("head -c 64M /dev/zero >/var/lib/docker/fill")
    assert found["Status"] == "Failed"
    assert "No space left on device" in found["StandardErrorContent"]
    cloud.client("ec2").terminate_instances(InstanceIds=[made.id])


def test_what_is_no_knob_is_named(cloud: Cloud, machine: Machine) -> None:
    answer = knob(machine, nework=False)
    assert (answer.status_code, answer.json()["message"]) == (
        400,
        "nework is no knob; known are network, agent",
    )
    assert knob(Machine(cloud, "i-0"), network=False).status_code == 400


WRITE = """{"Version": "2012-10-17",
 "Statement": [{"Effect": "Allow", "Action": "ACTION", "Resource": "*"}]}"""
