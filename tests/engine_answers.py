"""What providers compute and answer, for the recording engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import grpc

ACCOUNT, REGION = "123456789012", "eu-west-1"
RECORD = "20261121T071225Z-7d2a1b0-0a1b2c"


class Refusal(grpc.RpcError):  # type: ignore[misc]
    """What a provider answers to a lookup of something that isn't there."""

    def code(self) -> grpc.StatusCode:
        """As every provider's error has it."""
        return grpc.StatusCode.UNKNOWN

    def details(self) -> str:
        """The message."""
        return str(self)


Outputs = Callable[[str, Mapping[str, Any]], dict[str, Any]]


def _arn(service: str, kind: str) -> Outputs:
    def outputs(name: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
        physical = inputs.get("name", f"{name}-1a2b3c4")
        return {"name": physical, "arn": f"arn:aws:{service}::{ACCOUNT}:{kind}/{physical}"}

    return outputs


def _regional(service: str, kind: str, separator: str = "/", named: str = "name") -> Outputs:
    def outputs(name: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
        physical = inputs.get(named, f"{name}-1a2b3c4")
        return {named: physical, "arn": _own(service, kind, physical, separator)}

    return outputs


def _own(service: str, kind: str, name: str, separator: str = "/") -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{kind}{separator}{name}"


def _task_definition(_: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    arn = _own("ecs", "task-definition", inputs["family"])
    return {"arn": f"{arn}:7", "arnWithoutRevision": arn, "revision": 7}


def _rolled_out(_: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "verdict": f"running {inputs['digest']}",
        "deployed_digest": inputs["digest"],
        "running": {},
        "seconds": {},
        "reason": "new",
        "deployment": RECORD,
    }


def _object(name: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    return {"metadata": {**inputs["metadata"], "uid": f"uid-of-{name}"}}


def _none(name: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    return {}


# What a provider computes, by type, beyond the inputs.
OUTPUTS: dict[str, Outputs] = {
    "aws:ecr/repository:Repository": lambda _, inputs: {
        "repositoryUrl": f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/{inputs['name']}",
        "arn": f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/{inputs['name']}",
    },
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": _none,
    "aws:ecr/repositoryPolicy:RepositoryPolicy": _none,
    "aws:ecrpublic/repository:Repository": lambda _, inputs: {
        "repositoryUri": f"public.ecr.aws/a1b2c3d4/{inputs['repositoryName']}",
        "arn": f"arn:aws:ecr-public::{ACCOUNT}:repository/{inputs['repositoryName']}",
    },
    "aws:s3/bucket:Bucket": lambda _, inputs: {"arn": f"arn:aws:s3:::{inputs['bucket']}"},
    "aws:s3/bucketVersioning:BucketVersioning": _none,
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": _none,
    "aws:s3/bucketPolicy:BucketPolicy": _none,
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": _none,
    "aws:s3/bucketLogging:BucketLogging": _none,
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": _none,
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": _none,
    "aws:iam/role:Role": _arn("iam", "role"),
    "aws:iam/rolePolicy:RolePolicy": _none,
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": _none,
    "aws:iam/instanceProfile:InstanceProfile": _arn("iam", "instance-profile"),
    "aws:iam/policy:Policy": _arn("iam", "policy"),
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": lambda _, inputs: {
        "arn": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{inputs['url'].removeprefix('https://')}"
    },
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
    "rollout:index:Bundle": lambda _, inputs: {"key": inputs["key"]},
    "rollout:index:HostRollout": _rolled_out,
    "rollout:index:DockerName": lambda _, inputs: {"name": f"{inputs['service']}-0a1b2c3d"},
    "rollout:index:DockerRollout": _rolled_out,
    "rollout:index:EcsRollout": _rolled_out,
    "rollout:index:KubernetesRollout": _rolled_out,
    "rollout:index:LambdaRollout": _rolled_out,
    "rollout:index:Together": lambda *_: {"verdict": "all run what was asked"},
    "rollout:index:Cleanup": _none,
    "rollout:index:Record": lambda *_: {"record": RECORD, "previous": "", "held": "false"},
    "pulumi:providers:rollout": _none,
    "aws:ecs/cluster:Cluster": _regional("ecs", "cluster"),
    "aws:ecs/taskDefinition:TaskDefinition": _task_definition,
    "aws:ecs/service:Service": _regional("ecs", "service"),
    "aws:cloudwatch/logGroup:LogGroup": _regional("logs", "log-group", ":"),
    "aws:cloudwatch/eventRule:EventRule": _regional("events", "rule"),
    "aws:cloudwatch/eventTarget:EventTarget": _none,
    "aws:lb/loadBalancer:LoadBalancer": lambda name, inputs: {
        **_regional("elasticloadbalancing", "loadbalancer/app")(name, inputs),
        "dnsName": f"{inputs['name']}-1234567890.{REGION}.elb.amazonaws.com",
    },
    "aws:lb/targetGroup:TargetGroup": _regional("elasticloadbalancing", "targetgroup"),
    "aws:lb/listener:Listener": _regional("elasticloadbalancing", "listener/app"),
    "aws:lambda/function:Function": _regional("lambda", "function", ":"),
    "aws:lambda/functionUrl:FunctionUrl": lambda *_: {
        "functionUrl": f"https://0a1b2c.lambda-url.{REGION}.on.aws/"
    },
    "aws:lambda/permission:Permission": _none,
    "pulumi:providers:docker": _none,
    "docker:index/remoteImage:RemoteImage": lambda _, inputs: {
        "imageId": "sha256:" + "1" * 64,
        "repoDigest": inputs["name"],
    },
    "docker:index/container:Container": _none,
    "pulumi:providers:kubernetes": _none,
    "kubernetes:core/v1:Namespace": _object,
    "kubernetes:core/v1:Service": _object,
    "kubernetes:core/v1:ServiceAccount": _object,
    "kubernetes:autoscaling/v2:HorizontalPodAutoscaler": _object,
    "kubernetes:networking.k8s.io/v1:Ingress": _object,
    "kubernetes:networking.k8s.io/v1:NetworkPolicy": _object,
    "kubernetes:policy/v1:PodDisruptionBudget": _object,
}


def _parameter(args: Mapping[str, Any]) -> dict[str, Any]:
    if args["name"].endswith("missing"):
        raise Refusal("ParameterNotFound")
    arn = _own("ssm", "parameter", args["name"].removeprefix("/"))
    return {"value": "ami-0123456789abcdef0", "arn": arn}


def _provider(args: Mapping[str, Any]) -> dict[str, Any]:
    if ":999999999999:" in args["arn"]:
        raise Refusal(f"identity provider '{args['arn']}' does not exist")
    return {"arn": args["arn"]}


CALLS: dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    "aws:ssm/getParameter:getParameter": _parameter,
    "aws:secretsmanager/getSecret:getSecret": lambda args: {
        "arn": _own("secretsmanager", "secret", f"{args['name']}-AbCdEf", ":")
    },
    "aws:ecs/getCluster:getCluster": lambda args: {
        "arn": _own("ecs", "cluster", args["clusterName"])
    },
    "aws:ec2/getVpc:getVpc": lambda _: {"id": "vpc-0default", "cidrBlock": "172.31.0.0/16"},
    "aws:ec2/getSubnets:getSubnets": lambda _: {"ids": ["subnet-0b", "subnet-0a"]},
    "aws:ec2/getSubnet:getSubnet": lambda args: {
        "vpcId": "vpc-0other" if args["id"].endswith("other") else "vpc-0123"
    },
    "aws:ec2/getInstances:getInstances": lambda _: {
        "ids": ["i-0aaaaaaaa", "i-0bbbbbbbb"],
        "privateIps": ["10.0.0.1", "10.0.0.2"],
    },
    "aws:ecr/getRepository:getRepository": lambda args: OUTPUTS["aws:ecr/repository:Repository"](
        "", args
    ),
    "aws:iam/getOpenIdConnectProvider:getOpenIdConnectProvider": _provider,
    "aws:s3/getBucket:getBucket": lambda args: {"bucket": args["bucket"]},
    "aws:index/getCallerIdentity:getCallerIdentity": lambda _: {"accountId": ACCOUNT},
}
