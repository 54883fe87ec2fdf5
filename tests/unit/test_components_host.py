"""What a host registers, property by property."""

from __future__ import annotations

import json
from typing import Any

import pytest

from components.host import Host, HostArgs
from tests.engine import Recorded, Recording, build, failure_of, outputs_of

ARN = "arn:aws:ecr:eu-west-1:123456789012:repository/dev/atta"
INSTANCE = "aws:ec2/instance:Instance"
GROUP = "aws:ec2/securityGroup:SecurityGroup"


def host(*, name: str = "host", preview: bool = False, **other: Any) -> Recording:
    values: dict[str, Any] = {
        "stack": "dev",
        "region": "eu-west-1",
        "create": True,
        "bucket": "deploys",
        "repository": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/dev/{image}",
        "repository_arns": [ARN, None],
        "ports": (8080, 8080),
        **other,
    }
    return build(lambda: outputs_of(Host(name, HostArgs(**values))), preview=preview)


def rules(resource: Recorded, key: str) -> list[Any]:
    found: list[Any] = resource.inputs.get(key, [])
    return found


def test_a_machine_has_imdsv2_only_and_one_hop() -> None:
    assert host().one(INSTANCE).inputs["metadataOptions"] == {
        "httpEndpoint": "enabled",
        "httpTokens": "required",
        "httpPutResponseHopLimit": 1,
    }


def test_a_machines_volume_is_encrypted() -> None:
    assert host(volume_gib=33).one(INSTANCE).inputs["rootBlockDevice"] == {
        "encrypted": True,
        "volumeType": "gp3",
        "volumeSize": 33,
    }


def test_nothing_comes_in_unless_it_is_opened() -> None:
    assert rules(host().one(GROUP), "ingress") == []


def test_only_published_ports_are_opened_and_only_to_the_given_networks() -> None:
    opened = rules(host(open_to=("10.0.0.0/8",)).one(GROUP), "ingress")

    assert [(rule["fromPort"], rule["toPort"], rule["cidrBlocks"]) for rule in opened] == [
        (8080, 8080, ["10.0.0.0/8"])
    ]


def test_a_machine_has_no_key_pair_and_a_profile() -> None:
    instance = host().one(INSTANCE)

    assert "keyName" not in instance.inputs
    assert instance.inputs["iamInstanceProfile"] == "slipway-dev-host"
    assert instance.inputs["vpcSecurityGroupIds"] == ["host-security-group-id"]


def test_a_machine_is_not_replaced_or_stopped_by_a_newer_image_or_script() -> None:
    assert host().one(INSTANCE).ignore_changes == ("ami", "userData")


def test_a_machine_waits_for_its_rights() -> None:
    recording = host()
    names = {urn.rsplit("::", 1)[1] for urn in recording.one(INSTANCE).dependencies}

    assert {"host-policy", "host-profile"} <= names


def test_a_machine_may_read_its_bundles_pull_its_images_and_speak_to_ssm() -> None:
    recording = host()
    policy = json.loads(recording.one("aws:iam/rolePolicy:RolePolicy").inputs["policy"])

    assert [each["Sid"] for each in policy["Statement"]] == [
        "Report",
        "Listen",
        "WriteOutput",
        "FindLog",
        "ReadBundles",
        "ReadCurrent",
        "LogInToRegistry",
        "PullImages",
    ]
    assert recording.of("aws:iam/rolePolicyAttachment:RolePolicyAttachment") == [], "not AWS's own"
    assert recording.one("aws:iam/role:Role").inputs["name"] == "slipway-dev-host"


def test_a_machine_lives_in_the_network_of_its_subnet() -> None:
    recording = host(subnet="subnet-0123")

    assert recording.one(GROUP).inputs["vpcId"] == "vpc-0123"
    assert recording.one(INSTANCE).inputs["subnetId"] == "subnet-0123"
    assert "vpcId" not in host().one(GROUP).inputs, "the default network's own group otherwise"


def test_machines_that_are_looked_up_are_not_made() -> None:
    recording = host(create=False, instances={"tag": "role=app"})

    assert {each.type for each in recording.resources} == {
        "slipway:index:Host",
        "aws:ssm/document:Document",
        "aws:cloudwatch/logGroup:LogGroup",
    }, "the stack's own deploy document and its log are all there is to make"
    assert recording.calls == [
        (
            "aws:ec2/getInstances:getInstances",
            {"instanceTags": {"role": "app"}, "instanceStateNames": ["running"]},
        )
    ]
    assert recording.result["instance_ids"] == ["i-0aaaaaaaa", "i-0bbbbbbbb"]
    assert recording.result["address"] == "10.0.0.1"


@pytest.mark.parametrize("instances", [None, {}, {"tag": "role"}, {"tag": "=app"}, {"tag": "a="}])
def test_a_tag_that_is_none_is_refused(instances: dict[str, str] | None) -> None:
    args = HostArgs(
        stack="dev",
        region="eu-west-1",
        create=False,
        bucket="deploys",
        repository="registry.example.com/dev/{image}",
        instances=instances,
    )
    failure = failure_of(lambda: outputs_of(Host("host", args)))

    assert failure.startswith("ValueError")
    assert "allowed: tag: name=value" in failure


def test_a_protected_machine_cannot_be_terminated_in_ec2_either() -> None:
    made = host(protect=True).one(INSTANCE)

    assert made.protect
    assert made.inputs["disableApiTermination"] is True
    assert not host().one(INSTANCE).protect


def test_a_preview_of_a_new_host_registers_everything_that_the_update_does() -> None:
    previewed, done = host(preview=True), host()

    assert {each.urn for each in previewed.resources} == {each.urn for each in done.resources}
    assert previewed.result is None, "nothing can be known of a machine that is not there"
