"""Which machines a command reaches, and what becomes of it where there are none."""

from tests.localcloud.cloud import Cloud, Launch, Machine


def test_a_tag_that_matches_nothing_reaches_nothing(cloud: Cloud) -> None:
    ssm = cloud.client("ssm")
    sent = ssm.send_command(
        DocumentName="AWS-RunShellScript",
        Targets=[{"Key": "tag:role", "Values": ["nobody"]}],
        Parameters={"commands": ["true"]},
    )["Command"]
    assert (sent["TargetCount"], sent["StatusDetails"]) == (0, "NoInstancesInTag")
    listed = ssm.list_command_invocations(CommandId=sent["CommandId"])
    assert listed["CommandInvocations"] == []


def test_a_tag_chooses_the_machines(cloud: Cloud, machine: Machine) -> None:
    cloud.client("ec2").create_tags(
        Resources=[machine.id], Tags=[{"Key": "role", "Value": "chosen"}]
    )
    sent = cloud.client("ssm").send_command(
        DocumentName="AWS-RunShellScript",
        Targets=[{"Key": "tag:role", "Values": ["chosen"]}],
        Parameters={"commands": ["hostname"]},
    )["Command"]
    assert machine.wait(sent["CommandId"])["StandardOutputContent"] == f"{machine.id}\n"
    listed = cloud.client("ssm").list_command_invocations(
        CommandId=sent["CommandId"], Details=True
    )["CommandInvocations"]
    assert listed[0]["CommandPlugins"][0]["Output"] == f"{machine.id}\n"


def test_a_command_waits_for_a_machine_until_its_time_is_over(cloud: Cloud, launch: Launch) -> None:
    made = launch()
    made.wait_online()
    cloud.client("ec2").stop_instances(InstanceIds=[made.id])
    late = made.send_document("AWS-RunShellScript", {"commands": ["true"]}, TimeoutSeconds=30)
    cloud.client("ec2").start_instances(InstanceIds=[made.id])
    assert made.wait(late)["Status"] == "Success"
    cloud.client("ec2").stop_instances(InstanceIds=[made.id])
    lost = made.send("true")
    cloud.client("ec2").terminate_instances(InstanceIds=[made.id])
    ended = made.wait(lost)
    assert (ended["Status"], ended["StatusDetails"]) == ("Failed", "Undeliverable")
