"""A cluster with roles, a network and a log group, and services on it for the tests of ECS."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from tests.localcloud.cloud import REGION, Cloud

EXECUTION = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
SERVER = "exec python3 -u -m http.server 3000"
"""A process that answers; as process 1 it hears no SIGTERM."""
Json = dict[str, Any]


def within(
    seconds: float, what: str, look: Callable[[], Any], said: Callable[[], str] = str
) -> Any:
    """What `look` gives as soon as it is true; fails after `seconds`, with what `said` tells."""
    end = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        assert time.monotonic() < end, f"{what}: not within {seconds} s\n{said()}"
        time.sleep(0.1)


@dataclass(frozen=True)
class Estate:
    """What the tests share; each has families and services of its own."""

    cloud: Cloud
    cluster: str
    image: str
    """The base image by digest; it has python3."""
    subnet: str
    execution_role: str
    task_role: str
    log_group: str

    @property
    def ecs(self) -> Any:
        """The client."""
        return self.cloud.client("ecs")

    @property
    def network(self) -> Json:
        """A network configuration."""
        return {"awsvpcConfiguration": {"subnets": [self.subnet], "assignPublicIp": "DISABLED"}}

    def define(self, family: str, script: str = SERVER, **given: Any) -> str:
        """Registers a task definition with one container `app`; gives its ARN.

        What is not a container's own key is the task definition's.
        """
        whole: Json = {"cpu": "256", "memory": "512", "executionRoleArn": self.execution_role}
        whole |= {"taskRoleArn": self.task_role, "networkMode": "awsvpc"}
        own: tuple[str, ...] = (
            "cpu",
            "memory",
            "executionRoleArn",
            "taskRoleArn",
            "networkMode",
            "volumes",
        )
        own += ("runtimePlatform", "requiresCompatibilities")
        whole |= {"requiresCompatibilities": ["FARGATE"]}
        whole |= {name: given.pop(name) for name in own if name in given}
        options = {"awslogs-group": self.log_group, "awslogs-region": REGION}
        options["awslogs-stream-prefix"] = family
        container = {
            "name": "app",
            "image": self.image,
            "command": ["sh", "-c", script],
            "portMappings": [{"containerPort": 3000}],
            "stopTimeout": 2,
            "logConfiguration": {"logDriver": "awslogs", "options": options},
            **given,
        }
        wish = {name: value for name, value in whole.items() if value is not None}
        made = self.ecs.register_task_definition(
            family=family, containerDefinitions=[container], **wish
        )
        return str(made["taskDefinition"]["taskDefinitionArn"])

    def serve(self, name: str, definition: str, count: int = 1, **given: Any) -> Json:
        """Creates a service; gives it."""
        breaker = {"deploymentCircuitBreaker": {"enable": True, "rollback": True}}
        made: Json = self.ecs.create_service(
            cluster=self.cluster,
            serviceName=name,
            taskDefinition=definition,
            desiredCount=count,
            launchType="FARGATE",
            networkConfiguration=self.network,
            **{"deploymentConfiguration": breaker, **given},
        )["service"]
        return made

    def service(self, name: str) -> Json:
        """A service as it is."""
        found: Json = self.ecs.describe_services(cluster=self.cluster, services=[name])
        return dict(found["services"][0])

    def steady(self, name: str, seconds: float = 40) -> Json:
        """Waits until a service has one deployment, which is completed; gives the service."""

        def look() -> Json | None:
            found = self.service(name)
            states = [each["rolloutState"] for each in found["deployments"]]
            return found if states == ["COMPLETED"] else None

        return dict(within(seconds, f"{name} is steady", look))

    def tasks(self, name: str, status: str = "RUNNING") -> list[Json]:
        """The tasks of a service."""
        ecs = self.ecs
        arns = ecs.list_tasks(cluster=self.cluster, serviceName=name, desiredStatus=status)
        if not arns["taskArns"]:
            return []
        return list(ecs.describe_tasks(cluster=self.cluster, tasks=arns["taskArns"])["tasks"])

    def run(self, definition: str, **given: Any) -> str:
        """Runs one task; gives its ARN."""
        made = self.ecs.run_task(
            cluster=self.cluster,
            taskDefinition=definition,
            launchType="FARGATE",
            networkConfiguration=self.network,
            **given,
        )
        return str(made["tasks"][0]["taskArn"])

    def task(self, arn: str) -> Json:
        """A task as it is."""
        return dict(self.ecs.describe_tasks(cluster=self.cluster, tasks=[arn])["tasks"][0])

    def ended(self, arn: str, seconds: float = 30) -> Json:
        """Waits until a task has stopped; gives it."""

        def look() -> Json | None:
            found = self.task(arn)
            return found if found["lastStatus"] == "STOPPED" else None

        return dict(within(seconds, f"{arn} has stopped", look))

    def lines(self, family: str, task: str) -> list[str]:
        """What a task's container `app` has written."""
        stream = f"{family}/app/{task.rpartition('/')[2]}"
        found = self.cloud.client("logs").get_log_events(
            logGroupName=self.log_group, logStreamName=stream, startFromHead=True
        )
        return [each["message"] for each in found["events"]]

    def remove(self, name: str) -> None:
        """Deletes a service."""
        self.ecs.delete_service(cluster=self.cluster, service=name, force=True)


def address(task: Json) -> str:
    """The address that a task shows."""
    details = task["attachments"][0]["details"]
    return str(next(d["value"] for d in details if d["name"] == "privateIPv4Address"))


def make_role(cloud: Cloud, name: str, service: str, *statements: Json) -> str:
    """A role for a service of AWS with an inline policy; gives its ARN."""
    iam = cloud.client("iam")
    principal = {"Service": f"{service}.amazonaws.com"}
    trust = [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal}]
    version = "2012-10-17"
    document = json.dumps({"Version": version, "Statement": trust})
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"]
    if statements:
        policy = json.dumps({"Version": version, "Statement": list(statements)})
        iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=policy)
    return str(arn)


@cache
def build(cloud: Cloud) -> Estate:
    """Makes the estate, once for a cloud."""
    execution = make_role(cloud, "ecs-execution", "ecs-tasks")
    cloud.client("iam").attach_role_policy(RoleName="ecs-execution", PolicyArn=EXECUTION)
    task_role = make_role(cloud, "ecs-task", "ecs-tasks")
    cloud.client("ecs").create_cluster(clusterName="apps")
    cloud.client("logs").create_log_group(logGroupName="/ecs/tests")
    subnet = cloud.client("ec2").describe_subnets()["Subnets"][0]["SubnetId"]
    found = cloud.client("ecr").describe_images(repositoryName="base/debian")["imageDetails"]
    digest = next(each["imageDigest"] for each in found if "bookworm" in each.get("imageTags", []))
    image = f"127.0.0.1:{cloud.registry_port}/base/debian:bookworm@{digest}"
    return Estate(cloud, "apps", image, subnet, execution, task_role, "/ecs/tests")
