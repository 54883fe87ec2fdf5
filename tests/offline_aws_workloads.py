"""One example of each type that runs services, and how it changes."""

import json

from tests.offline_aws_engine import State
from tests.offline_aws_examples import World, group, once, role

REGISTRY = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
IMAGE = f"{REGISTRY}/dev/api@sha256:{'a' * 64}"
NEWER = f"{REGISTRY}/dev/api@sha256:{'b' * 64}"


def containers(image: str = IMAGE, **more: object) -> str:
    container = {
        "name": "api",
        "image": image,
        "portMappings": [{"containerPort": 3000}],
        "environment": [{"name": "B", "value": "2"}, {"name": "A", "value": "1"}],
        **more,
    }
    return json.dumps([container])


def task_definition(family: str = "api") -> State:
    return {
        "family": family,
        "containerDefinitions": containers(),
        "cpu": "256",
        "memory": "512",
        "networkMode": "awsvpc",
        "requiresCompatibilities": ["FARGATE"],
        "skipDestroy": True,
        "tags": {"a": "b"},
    }


def role_arn(world: World) -> str:
    role(world)
    return str(next(made for made in world.made if made.name == "owner").state["arn"])


def cluster(world: World) -> str:
    return once(world, "aws:ecs/cluster:Cluster", "main", {"name": "main"}).id


def revision(world: World) -> str:
    inputs = task_definition("served")
    made = once(world, "aws:ecs/taskDefinition:TaskDefinition", "served", inputs)
    return str(made.state["arn"])


def function(world: World) -> str:
    inputs = {"packageType": "Image", "imageUri": IMAGE, "role": role_arn(world)}
    return once(world, "aws:lambda/function:Function", "called", inputs).id


def rule(world: World) -> str:
    inputs = {"name": "nightly", "scheduleExpression": "rate(1 day)"}
    return once(world, "aws:cloudwatch/eventRule:EventRule", "nightly", inputs).id


def subnets(world: World) -> list[str]:
    found = world.aws("ec2").describe_subnets()["Subnets"]
    return sorted(each["SubnetId"] for each in found)


def network(world: World) -> State:
    # moto fails without securityGroups; AWS takes the network's default group.
    return {
        "subnets": subnets(world)[:2],
        "securityGroups": [group(world)],
        "assignPublicIp": True,
    }


def vpc(world: World) -> str:
    return str(world.aws("ec2").describe_vpcs()["Vpcs"][0]["VpcId"])


def target_group(world: World) -> str:
    inputs = {"port": 3000, "protocol": "HTTP", "vpcId": vpc(world), "targetType": "ip"}
    return once(world, "aws:lb/targetGroup:TargetGroup", "targets", inputs).id


def service(world: World) -> State:
    balanced = {"targetGroupArn": target_group(world), "containerName": "api"}
    return {
        "name": "api",
        "cluster": cluster(world),
        "taskDefinition": revision(world),
        "desiredCount": 1,
        "launchType": "FARGATE",
        "networkConfiguration": network(world),
        "loadBalancers": [{**balanced, "containerPort": 3000}],
        "deploymentCircuitBreaker": {"enable": True, "rollback": True},
        "deploymentMinimumHealthyPercent": 50,
        "propagateTags": "SERVICE",
        "tags": {"a": "b"},
    }


def scheduled(world: World) -> State:
    return {
        "arn": cluster(world),
        "rule": rule(world),
        "roleArn": role_arn(world),
        "ecsTarget": {
            "taskDefinitionArn": revision(world),
            "launchType": "FARGATE",
            "networkConfiguration": network(world),
        },
    }


def ecs_examples(world: World) -> dict[str, tuple[State, State]]:
    """For each type its first inputs, and what an update in place changes or adds."""
    return {
        "aws:ecs/cluster:Cluster": (
            {"settings": [{"name": "containerInsights", "value": "disabled"}], "tags": {"a": "b"}},
            {"tags": {"a": "c", "d": "e"}},
        ),
        "aws:ecs/taskDefinition:TaskDefinition": (
            {**task_definition(), "skipDestroy": False},
            {"tags": {"team": "a"}},
        ),
        "aws:ecs/service:Service": (
            service(world),
            {"desiredCount": 2, "tags": None},
        ),
        "aws:cloudwatch/logGroup:LogGroup": (
            {"name": "/slipway/api", "retentionInDays": 30, "tags": {"a": "b"}},
            {"retentionInDays": 0, "tags": {"a": "c"}},
        ),
        "aws:cloudwatch/eventRule:EventRule": (
            {"scheduleExpression": "rate(5 minutes)", "tags": {"a": "b"}},
            {"scheduleExpression": "rate(6 minutes)", "description": "often", "tags": None},
        ),
        "aws:cloudwatch/eventTarget:EventTarget": (
            scheduled(world),
            {"input": '{"ping": true}'},
        ),
    }


def lambda_examples(world: World) -> dict[str, tuple[State, State]]:
    """The same for Lambda."""
    return {
        "aws:lambda/function:Function": (
            {
                "packageType": "Image",
                "imageUri": IMAGE,
                "role": role_arn(world),
                "architectures": ["x86_64"],
                "memorySize": 256,
                "timeout": 30,
                "environment": {"variables": {"A": "1"}},
                "loggingConfig": {"logFormat": "Text", "logGroup": "/aws/lambda/notifier"},
                "tags": {"a": "b"},
            },
            {
                "memorySize": 512,
                "environment": {"variables": {"A": "2"}},
                "description": "tells people",
                "tags": {"c": "d"},
            },
        ),
        "aws:lambda/functionUrl:FunctionUrl": (
            {"functionName": function(world), "authorizationType": "NONE"},
            {"cors": {"allowOrigins": ["*"], "maxAge": 60}},
        ),
        "aws:lambda/permission:Permission": (
            {
                "action": "lambda:InvokeFunction",
                "function": function(world),
                "principal": "events.amazonaws.com",
                "sourceArn": "arn:aws:events:eu-west-1:123456789012:rule/nightly",
            },
            {},
        ),
    }
