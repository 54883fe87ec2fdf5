"""Machines that somebody else has made: no stack has them, they carry a tag."""

from __future__ import annotations

from typing import Any

from components.documents.policies import ec2_trust_policy, host_policy
from tests.estate import Estate

UBUNTU = "/aws/service/canonical/ubuntu/server/24.04/stable/current/amd64/hvm/ebs-gp3/ami-id"
REGION = "eu-west-1"


def make_role(estate: Estate, name: str, *, stack: str, bucket: str, repository: str) -> None:
    """A role with the rights of a host of that stack, and its instance profile."""
    iam = estate.client("iam")
    account = estate.client("sts").get_caller_identity()["Account"]
    arn = f"arn:aws:ecr:{REGION}:{account}:repository/{repository}"
    rights = host_policy(bucket=bucket, stack=stack, region=REGION, repository_arns=[arn])
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=ec2_trust_policy())
    iam.put_role_policy(RoleName=name, PolicyName=name, PolicyDocument=rights)
    iam.create_instance_profile(InstanceProfileName=name)
    iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=name)


def launch(estate: Estate, count: int, *, profile: str, role: str, user_data: str) -> list[str]:
    """Starts machines with the tag role=…; gives their ids."""
    ami = estate.client("ssm").get_parameter(Name=UBUNTU)["Parameter"]["Value"]
    tags = [{"ResourceType": "instance", "Tags": [{"Key": "role", "Value": role}]}]
    made: list[dict[str, Any]] = estate.client("ec2").run_instances(
        ImageId=ami,
        MinCount=count,
        MaxCount=count,
        InstanceType="t3.micro",
        UserData=user_data,
        IamInstanceProfile={"Name": profile},
        TagSpecifications=tags,
    )["Instances"]
    return [each["InstanceId"] for each in made]
