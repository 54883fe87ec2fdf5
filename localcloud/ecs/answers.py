"""Tasks and services in the form of the API."""

from typing import Any

from localcloud.ecs.service import Deployment, Service
from localcloud.ecs.task import Json, Task, TaskContainer

PLATFORM = "1.4.0"


def container_answer(task: Task, container: TaskContainer) -> Json:
    """An entry of a task's `containers`."""
    definition = container.definition
    interfaces = []
    if task.eni is not None:
        interfaces = [{"attachmentId": task.id, "privateIpv4Address": task.address}]
    given: dict[str, Any] = {
        "containerArn": container.arn,
        "taskArn": task.arn,
        "name": container.name,
        "image": container.image,
        "imageDigest": container.digest,
        "runtimeId": container.runtime_id,
        "lastStatus": container.status,
        "exitCode": container.exit_code,
        "reason": container.reason,
        "networkBindings": [],
        "networkInterfaces": interfaces,
        "healthStatus": container.health,
        "cpu": str(definition.get("cpu") or 0),
        "memory": str(definition.get("memory") or "") or None,
        "memoryReservation": str(definition.get("memoryReservation") or "") or None,
    }
    return present(given)


def task_answer(task: Task, *, tags: bool = False) -> Json:
    """A task of DescribeTasks."""
    platform = {"platformVersion": PLATFORM, "platformFamily": "Linux"}
    given: dict[str, Any] = {
        "taskArn": task.arn,
        "clusterArn": task.cluster_arn,
        "taskDefinitionArn": task.definition.arn,
        "group": task.group,
        "startedBy": task.started_by,
        "launchType": task.launch_type,
        "capacityProviderName": task.capacity,
        "lastStatus": task.last_status,
        "desiredStatus": task.desired_status,
        "healthStatus": task.health,
        "connectivity": "CONNECTED" if task.address else None,
        "availabilityZone": f"{task.region}a",
        "cpu": task.overrides.get("cpu") or task.definition.cpu,
        "memory": task.overrides.get("memory") or task.definition.memory,
        "overrides": {"containerOverrides": [], **task.overrides},
        "attachments": attachments(task),
        "containers": [container_answer(task, each) for each in task.containers],
        "createdAt": task.created,
        "stopCode": task.stop_code,
        "stoppedReason": task.stopped_reason,
        "enableExecuteCommand": task.execute,
        "version": task.version,
        **task.times,
        **(platform if task.launch_type == "FARGATE" else {}),
    }
    return {**present(given), "tags": task.tags if tags else []}


def attachments(task: Task) -> list[Json]:
    """The network interface of an awsvpc task, with the address that its namespace really has."""
    if task.eni is None:
        return []
    details = {
        "subnetId": task.eni.subnet.id,
        "networkInterfaceId": task.eni.id,
        "macAddress": task.eni.mac_address,
        "privateDnsName": task.eni.private_dns_name,
        "privateIPv4Address": task.address,
    }
    return [
        {
            "id": task.id,
            "type": "ElasticNetworkInterface",
            "status": "DELETED" if task.ended else "ATTACHED",
            "details": [{"name": name, "value": value} for name, value in details.items()],
        }
    ]


def deployment_answer(deployment: Deployment) -> Json:
    """An entry of a service's `deployments`."""
    given = {
        "id": deployment.id,
        "status": deployment.status,
        "taskDefinition": deployment.definition.arn,
        "desiredCount": deployment.desired,
        "pendingCount": deployment.pending(),
        "runningCount": deployment.running(),
        "failedTasks": deployment.failed,
        "createdAt": deployment.created,
        "updatedAt": deployment.updated,
        "launchType": deployment.launch_type,
        "networkConfiguration": deployment.network or None,
        "rolloutState": deployment.rollout,
        "rolloutStateReason": deployment.reason,
    }
    if deployment.launch_type == "FARGATE":
        given |= {"platformVersion": PLATFORM, "platformFamily": "Linux"}
    return present(given)


def service_answer(service: Service, *, tags: bool = False) -> Json:
    """A service of DescribeServices."""
    wish, deployments = service.wish, service.deployments
    lists = ("loadBalancers", "serviceRegistries", "placementConstraints", "placementStrategy")
    given: dict[str, Any] = {
        "serviceArn": service.arn,
        "serviceName": service.name,
        "clusterArn": f"arn:aws:ecs:{service.region}:{service.account}:cluster/{service.cluster}",
        **{name: wish.get(name) or [] for name in lists},
        "status": service.status,
        "desiredCount": service.desired,
        "runningCount": sum(each.running() for each in deployments),
        "pendingCount": sum(each.pending() for each in deployments),
        "launchType": None if wish.get("capacityProviderStrategy") else launch_type(wish),
        "capacityProviderStrategy": wish.get("capacityProviderStrategy"),
        "taskDefinition": service.definition.arn,
        "deploymentConfiguration": service.configuration,
        "deploymentController": wish.get("deploymentController") or {"type": "ECS"},
        "deployments": [deployment_answer(each) for each in deployments if seen(each)],
        "events": service.events,
        "createdAt": service.created,
        "createdBy": f"arn:aws:iam::{service.account}:root",
        "roleArn": service_role(service),
        "healthCheckGracePeriodSeconds": wish.get("healthCheckGracePeriodSeconds"),
        "schedulingStrategy": "REPLICA",
        "networkConfiguration": wish.get("networkConfiguration"),
        "enableECSManagedTags": bool(wish.get("enableECSManagedTags")),
        "enableExecuteCommand": bool(wish.get("enableExecuteCommand")),
        "propagateTags": wish.get("propagateTags") or "NONE",
        "availabilityZoneRebalancing": wish.get("availabilityZoneRebalancing") or "DISABLED",
    }
    if launch_type(wish) == "FARGATE":
        given |= {"platformVersion": wish.get("platformVersion") or "LATEST"}
        given |= {"platformFamily": "Linux"}
    return {**present(given), **({"tags": service.tags} if tags else {})}


def seen(deployment: Deployment) -> bool:
    """Whether a deployment is still listed: one without tasks is INACTIVE and is not."""
    return deployment.status == "PRIMARY" or bool(deployment.left)


def service_role(service: Service) -> str:
    """The service-linked role that ECS uses."""
    path = "aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"
    return f"arn:aws:iam::{service.account}:role/{path}"


def launch_type(wish: Json) -> str:
    """FARGATE or EC2: of the strategy's provider, else as asked, else EC2 as ECS's default."""
    strategy = wish.get("capacityProviderStrategy") or []
    if any(str(each.get("capacityProvider")).startswith("FARGATE") for each in strategy):
        return "FARGATE"
    return str(wish.get("launchType") or "EC2")


def present(given: dict[str, Any]) -> Json:
    """Without what has no value, as AWS leaves it away."""
    return {name: value for name, value in given.items() if value is not None and value != ""}
