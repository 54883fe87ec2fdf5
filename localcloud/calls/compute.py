"""The resources of calls to EC2 and ECS, and the condition keys that they bring along."""

from typing import Any

from moto.ec2.models import ec2_backends

from localcloud.aws_request import AwsRequest
from localcloud.ec2.machines import find

CLUSTERS = ("CreateCluster", "DeleteCluster", "DescribeClusters", "UpdateCluster")
NO_TASK_RESOURCE = ("DescribeTaskDefinition", "DeregisterTaskDefinition", "ListTaskDefinitions")
EC2_KINDS = {
    "i": "instance",
    "sg": "security-group",
    "sgr": "security-group-rule",
    "vol": "volume",
    "eni": "network-interface",
    "subnet": "subnet",
    "vpc": "vpc",
    "ami": "image",
}
# Describing has no resource in EC2, but for one attribute of one instance.
DESCRIBES_ONE = ("DescribeInstanceAttribute",)


def ecs(request: AwsRequest) -> list[str]:
    """The ARNs of a call to ECS."""
    action, home = request.action, f"arn:aws:ecs:{request.region}:{request.account}:"
    cluster = _name(request.text("cluster") or request.text("clusterName") or "default")
    if action in NO_TASK_RESOURCE or action in ("ListClusters", "ListServices"):
        return ["*"]
    if request.text("resourceArn"):
        return [str(request.text("resourceArn"))]
    if action.startswith(CLUSTERS) or action == "PutClusterCapacityProviders":
        names = request.items("clusters") or [cluster]
        return [f"{home}cluster/{_name(str(name))}" for name in names]
    if action == "RegisterTaskDefinition":
        return [f"{home}task-definition/{request.text('family')}:*"]
    if action == "RunTask":
        return [definition(request, str(request.text("taskDefinition")))]
    if "Service" in action:
        names = [request.text("service"), request.text("serviceName"), *request.items("services")]
        return [f"{home}service/{cluster}/{_name(str(name))}" for name in names if name]
    if action == "ListTasks":
        return [f"{home}container-instance/{cluster}/*"]
    tasks = [*request.items("tasks"), request.text("task")]
    return [f"{home}task/{cluster}/{_name(str(task))}" for task in tasks if task]


def definition(request: AwsRequest, word: str) -> str:
    """The ARN of a task definition that a call names by family, family:revision or ARN."""
    named = f"arn:aws:ecs:{request.region}:{request.account}:task-definition/{word}"
    return word if word.startswith("arn:") else named


def cluster_context(request: AwsRequest) -> dict[str, list[str]]:
    """ecs:cluster, which ECS gives with every call that names one."""
    cluster = request.text("cluster")
    home = f"arn:aws:ecs:{request.region}:{request.account}:cluster"
    return {"ecs:cluster": [f"{home}/{_name(cluster)}"]} if cluster else {}


def ec2(request: AwsRequest) -> list[str]:
    """The ARNs of a call to EC2."""
    if request.action == "RunInstances":
        return _run_instances(request)
    if request.action.startswith("Describe") and request.action not in DESCRIBES_ONE:
        return ["*"]
    if request.action == "CreateSecurityGroup":
        return [_ec2(request, "security-group/*"), _of(request, request.text("VpcId") or "")]
    words = [
        str(value)
        for name, value in request.parameters.items()
        if name.partition(".")[0] in ("InstanceId", "GroupId", "VolumeId", "ResourceId")
    ]
    return [_of(request, word) for word in words]


def ec2_context(request: AwsRequest, arn: str) -> dict[str, list[str]]:
    """The tags of an instance or group, under both names that AWS has for them."""
    backend = ec2_backends[request.account][request.region]
    held = {tag["key"]: tag["value"] for tag in backend.describe_tags() if _is(tag, arn)}
    return {
        f"{prefix}/{name}": [str(value)]
        for name, value in held.items()
        for prefix in ("aws:ResourceTag", "ec2:ResourceTag")
    }


def launch_context(request: AwsRequest, arn: str) -> dict[str, list[str]]:
    """What RunInstances says of the machine, its image and its volumes."""
    if request.action != "RunInstances":
        return {}
    given = request.parameters
    if ":image/" in arn:
        backend = ec2_backends[request.account][request.region]
        image = backend.amis.get(arn.rpartition("/")[2])
        return {"ec2:Owner": [str(image.owner_id)]} if image is not None else {}
    if ":volume/" in arn:
        words = [v for name, v in given.items() if name.endswith("Ebs.Encrypted")]
        return {"ec2:Encrypted": [str(words[0] if words else "false").lower()]}
    if ":instance/" in arn:
        tokens = given.get("MetadataOptions.HttpTokens")
        keys = {"ec2:MetadataHttpTokens": tokens, "ec2:InstanceType": given.get("InstanceType")}
        return {name: [str(value)] for name, value in keys.items() if value}
    return {}


def instance_context(instance_id: str) -> dict[str, list[str]]:
    """The tags of an instance, as Run Command names them."""
    instance = find(instance_id)
    tags = {tag["key"]: tag["value"] for tag in instance.get_tags()} if instance else {}
    return {
        f"{prefix}/{name}": [str(value)]
        for name, value in tags.items()
        for prefix in ("ssm:resourceTag", "aws:ResourceTag")
    }


def _is(tag: dict[str, Any], arn: str) -> bool:
    return arn.endswith(f"/{tag['resource_id']}")


def _run_instances(request: AwsRequest) -> list[str]:
    given = request.parameters
    groups = [v for name, v in given.items() if "SecurityGroupId" in name]
    subnets = [v for name, v in given.items() if name.endswith("SubnetId")]
    made = ["instance/*", "volume/*", "network-interface/*"]
    image = f"arn:aws:ec2:{request.region}::image/{request.text('ImageId')}"
    named = [_of(request, str(each)) for each in [*groups, *subnets]]
    # Without a subnet of the caller's choice one of the default network's is judged.
    return [*(_ec2(request, each) for each in made), image, *(named or [_ec2(request, "subnet/*")])]


def _of(request: AwsRequest, word: str) -> str:
    kind = EC2_KINDS.get(word.partition("-")[0])
    return _ec2(request, f"{kind}/{word}") if kind else ""


def _ec2(request: AwsRequest, rest: str) -> str:
    return f"arn:aws:ec2:{request.region}:{request.account}:{rest}"


def _name(word: str) -> str:
    return word.rpartition("/")[2]
