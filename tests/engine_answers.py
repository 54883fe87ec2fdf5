"""What providers compute and answer, for the recording engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

ACCOUNT, REGION = "123456789012", "eu-west-1"
RECORD = "20261121T071225Z-7d2a1b0-0a1b2c"
Outputs = Callable[[str, Mapping[str, Any]], dict[str, Any]]


def _arn(service: str, kind: str) -> Outputs:
    def outputs(name: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
        physical = inputs.get("name", f"{name}-1a2b3c4")
        return {"name": physical, "arn": f"arn:aws:{service}::{ACCOUNT}:{kind}/{physical}"}

    return outputs


def _none(name: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    return {}


# What a provider computes, by type, beyond the inputs.
OUTPUTS: dict[str, Outputs] = {
    "aws:ecr/repository:Repository": lambda _, inputs: {
        "repositoryUrl": f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/{inputs['name']}",
        "arn": f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/{inputs['name']}",
    },
    "aws:ecr/repositoryPolicy:RepositoryPolicy": _none,
    "aws:ecrpublic/repository:Repository": lambda _, inputs: {
        "repositoryUri": f"public.ecr.aws/a1b2c3d4/{inputs['repositoryName']}",
        "arn": f"arn:aws:ecr-public::{ACCOUNT}:repository/{inputs['repositoryName']}",
    },
    "aws:s3/bucket:Bucket": lambda _, inputs: {"arn": f"arn:aws:s3:::{inputs['bucket']}"},
    "aws:s3/bucketVersioning:BucketVersioning": _none,
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": _none,
    "aws:s3/bucketPolicy:BucketPolicy": _none,
    "aws:s3/bucketObjectv2:BucketObjectv2": _none,
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": _none,
    "aws:iam/role:Role": _arn("iam", "role"),
    "aws:iam/rolePolicy:RolePolicy": _none,
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": _none,
    "aws:iam/instanceProfile:InstanceProfile": _arn("iam", "instance-profile"),
    "aws:ec2/securityGroup:SecurityGroup": _none,
    "aws:ec2/instance:Instance": lambda *_: {"privateIp": "172.17.0.9"},
    "aws:ssm/document:Document": lambda *_: {"hash": "f" * 64},
    "rollout:index:Image": lambda _, inputs: {
        "digest": "sha256:" + "a" * 64,
        "tag": "v1",
        "ref": f"{inputs['repository']}:v1@sha256:" + "a" * 64,
        "reason": "new",
        "deployment": RECORD,
    },
    "rollout:index:HostRollout": lambda _, inputs: {
        "verdict": f"running {inputs['digest']}",
        "deployed_digest": inputs["digest"],
        "running": {},
        "seconds": {},
        "reason": "new",
        "deployment": RECORD,
    },
    "rollout:index:Record": lambda *_: {"record": RECORD, "previous": "", "held": "false"},
    "pulumi:providers:rollout": _none,
}

CALLS: dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    "aws:ssm/getParameter:getParameter": lambda _: {"value": "ami-0123456789abcdef0"},
    "aws:ec2/getSubnet:getSubnet": lambda _: {"vpcId": "vpc-0123"},
    "aws:ec2/getInstances:getInstances": lambda _: {
        "ids": ["i-0aaaaaaaa", "i-0bbbbbbbb"],
        "privateIps": ["10.0.0.1", "10.0.0.2"],
    },
    "aws:ecr/getRepository:getRepository": lambda args: OUTPUTS["aws:ecr/repository:Repository"](
        "", args
    ),
    "aws:s3/getBucket:getBucket": lambda args: {"bucket": args["bucket"]},
}
