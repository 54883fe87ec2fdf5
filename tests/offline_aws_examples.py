"""One example of each type of the offline aws plugin, and how it changes."""

import json
from dataclasses import dataclass, field
from typing import Any

import boto3

from tests.offline_aws_engine import Engine, Made, State

ASSUME = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "ec2.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
)


def policy(*actions: str, resource: str = "*", **more: Any) -> str:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": resource, **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def retention(count: int) -> str:
    selection = {"tagStatus": "untagged", "countType": "imageCountMoreThan", "countNumber": count}
    rule = {"rulePriority": 1, "selection": selection, "action": {"type": "expire"}}
    return json.dumps({"rules": [rule]})


def readers(account: str) -> str:
    principal = {"AWS": f"arn:aws:iam::{account}:root"}
    statement = {"Effect": "Allow", "Principal": principal, "Action": ["ecr:BatchGetImage"]}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def document(command: str) -> str:
    step = {"action": "aws:runShellScript", "name": "run", "inputs": {"runCommand": [command]}}
    body: State = {"schemaVersion": "2.2", "description": "d", "mainSteps": [step]}
    body["parameters"] = {"action": {"type": "String", "allowedPattern": "^(deploy|status)$"}}
    return json.dumps(body)


@dataclass
class World:
    """An engine on a moto server, with what the examples need around them."""

    engine: Engine
    url: str
    ami: str
    subnet: str
    managed_policy: str
    made: list[Made] = field(default_factory=list)

    def aws(self, service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name="eu-west-1",
            aws_access_key_id="local",
            aws_secret_access_key="local",
        )

    def new(self, token: str, name: str, inputs: State) -> Made:
        made = self.engine.create(token, name, inputs)
        self.made.append(made)
        return made


def once(world: World, token: str, name: str, inputs: State) -> Made:
    """What other examples stand on, made at its first use."""
    made = next((made for made in world.made if made.name == name), None)
    return made or world.new(token, name, inputs)


def role(world: World) -> str:
    return once(world, "aws:iam/role:Role", "owner", {"assumeRolePolicy": ASSUME}).id


def profile(world: World) -> str:
    inputs = {"role": role(world)}
    return once(world, "aws:iam/instanceProfile:InstanceProfile", "holder", inputs).id


def group(world: World) -> str:
    return once(world, "aws:ec2/securityGroup:SecurityGroup", "wall", {}).id


def examples(world: World) -> dict[str, tuple[State, State]]:
    """For each type its first inputs, and what an update in place changes or adds."""
    kept = {"filter": "latest*", "filterType": "WILDCARD"}
    return {
        "aws:ecr/repository:Repository": (
            {
                "name": "dev/api",
                "imageTagMutability": "IMMUTABLE_WITH_EXCLUSION",
                "imageTagMutabilityExclusionFilters": [kept],
                "imageScanningConfiguration": {"scanOnPush": True},
                "encryptionConfigurations": [{"encryptionType": "AES256"}],
                "forceDelete": False,
                "tags": {"app": "api"},
            },
            {
                "imageTagMutability": "IMMUTABLE",
                "imageTagMutabilityExclusionFilters": None,
                "imageScanningConfiguration": {"scanOnPush": False},
                "tags": {"team": "a"},
            },
        ),
        "aws:ecr/lifecyclePolicy:LifecyclePolicy": (
            {"repository": "dev/kept", "policy": retention(3)},
            {"policy": retention(4)},
        ),
        "aws:ecr/repositoryPolicy:RepositoryPolicy": (
            {"repository": "dev/read", "policy": readers("1" * 12)},
            {"policy": readers("2" * 12)},
        ),
        "aws:iam/role:Role": (
            {"name": "host", "assumeRolePolicy": ASSUME, "tags": {"a": "b"}},
            {"description": "the host", "maxSessionDuration": 7200, "tags": {"a": "c"}},
        ),
        "aws:iam/rolePolicy:RolePolicy": (
            {"role": role(world), "policy": policy("s3:GetObject", "s3:GetObjectVersion")},
            {"policy": policy("s3:GetObject")},
        ),
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment": (
            {"role": role(world), "policyArn": world.managed_policy},
            {},
        ),
        "aws:iam/instanceProfile:InstanceProfile": (
            {"role": role(world), "tags": {"a": "b"}},
            {"role": None},
        ),
        "aws:ec2/securityGroup:SecurityGroup": (
            {"ingress": [web(80)], "egress": [web(443)], "tags": {"Name": "wall"}},
            {"ingress": [web(8080)], "tags": {"Name": "web"}},
        ),
        "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": (
            {"securityGroupId": group(world), "ipProtocol": "-1", "cidrIpv4": "0.0.0.0/0"},
            {"ipProtocol": "tcp", "fromPort": 443, "toPort": 443},
        ),
        "aws:ec2/instance:Instance": (
            {
                "ami": world.ami,
                "instanceType": "t3.small",
                "iamInstanceProfile": profile(world),
                "vpcSecurityGroupIds": [group(world)],
                "subnetId": world.subnet,
                "userData": "#!/bin/sh\necho hello\n",
                "metadataOptions": {"httpTokens": "required", "httpPutResponseHopLimit": 1},
                "rootBlockDevice": {"volumeSize": 30, "volumeType": "gp3", "encrypted": True},
                "disableApiTermination": False,
                "tags": {"Name": "host", "role": "app"},
            },
            {
                "instanceType": "t3.medium",
                "userData": "#!/bin/sh\necho again\n",
                "metadataOptions": {"httpTokens": "required", "httpPutResponseHopLimit": 2},
                "tags": {"Name": "host"},
            },
        ),
        "aws:ssm/document:Document": (
            {
                "name": "deploy",
                "documentType": "Command",
                "content": document("echo one"),
                "tags": {"a": "b"},
            },
            {"content": document("echo two"), "tags": None},
        ),
    }


def web(port: int) -> State:
    sides = {"fromPort": port, "toPort": port, "cidrBlocks": ["10.0.0.0/8", "192.168.0.0/16"]}
    return {"protocol": "tcp", **sides}
