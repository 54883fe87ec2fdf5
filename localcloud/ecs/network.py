"""A task's network: its namespace, its interface in moto's EC2, its targets in load balancers."""

from typing import Any

from moto.ec2.models import ec2_backends
from moto.elbv2.models import elbv2_backends

from localcloud.aws_error import AwsError
from localcloud.ecs.task import Json, Task


def invalid(message: str) -> AwsError:
    """The error for a parameter that ECS does not take."""
    return AwsError("InvalidParameterException", message)


def check_network(account: str, region: str, definition: Any, network: Json | None) -> Json:
    """The network configuration of an awsvpc task; raises AwsError as ECS does."""
    if definition.network_mode != "awsvpc":
        if network:
            message = "Network Configuration is not valid for the given networkMode of this task"
            raise invalid(f"{message} definition.")
        return {}
    given = (network or {}).get("awsvpcConfiguration")
    if not given:
        raise invalid(
            "Network Configuration must be provided when networkMode 'awsvpc' is specified."
        )
    if not given.get("subnets"):
        raise invalid("subnets can not be empty.")
    backend = ec2_backends[account][region]
    subnets = {each.id for each in backend.describe_subnets()}
    for name in given["subnets"]:
        if name not in subnets:
            raise invalid(
                f"Error retrieving subnet information for [{name}]: The subnet ID '{name}' does "
                "not exist (ErrorCode: InvalidSubnetID.NotFound)"
            )
    groups = {each.id for each in backend.describe_security_groups()}
    for name in given.get("securityGroups") or []:
        if name not in groups:
            raise invalid(
                f"Error retrieving security group information for [{name}]: The security group "
                f"'{name}' does not exist (ErrorCode: InvalidGroup.NotFound)"
            )
    return dict(network or {})


def attach(task: Task) -> Any:
    """Records the task's interface in moto's EC2, with the address that its namespace has."""
    given = task.network["awsvpcConfiguration"]
    backend = ec2_backends[task.account][task.region]
    eni = backend.create_network_interface(
        subnet=given["subnets"][0],
        private_ip_address=task.address,
        group_ids=list(given.get("securityGroups") or []),
        description=f"arn:aws:ecs:{task.region}:{task.account}:attachment/{task.id}",
    )
    eni.status = "in-use"
    return eni


def detach(task: Task) -> None:
    """Removes the task's interface from moto's EC2."""
    backend = ec2_backends[task.account][task.region]
    backend.enis.pop(task.eni.id, None)


def check_balancers(account: str, region: str, definition: Any, balancers: list[Json]) -> None:
    """Raises AwsError for a target group or a container port that is not there."""
    groups = elbv2_backends[account][region].target_groups
    ports = {
        (entry["name"], port.get("containerPort"))
        for entry in definition.container_definitions
        for port in entry.get("portMappings") or []
    }
    names = {name for name, _ in ports} | {e["name"] for e in definition.container_definitions}
    for each in balancers:
        arn = each.get("targetGroupArn")
        name, port = each.get("containerName"), each.get("containerPort")
        if name not in names:
            raise invalid(f"The container {name} does not exist in the task definition.")
        if (name, port) not in ports:
            raise invalid(f"The container {name} did not have a container port {port} defined.")
        if arn not in groups:
            raise invalid(
                "Unable to assume role and validate the specified targetGroupArn. Please verify "
                f"that it exists: {arn}"
            )
        if not groups[arn].load_balancer_arns:
            raise invalid(
                f"The target group with targetGroupArn {arn} does not have an associated load "
                "balancer."
            )


def register(task: Task, balancers: list[Json]) -> list[str]:
    """Makes the task a target where its service asks for it; gives the groups' ARNs."""
    backend = elbv2_backends[task.account][task.region]
    done = []
    for each in balancers:
        arn = str(each.get("targetGroupArn"))
        if arn in backend.target_groups:
            target = {"Id": task.address, "Port": int(each["containerPort"])}
            backend.register_targets(arn, [target])
            done.append(arn)
    return done


def deregister(task: Task, balancers: list[Json]) -> list[str]:
    """The task is a target no more; nothing drains, since no data goes through a balancer."""
    backend = elbv2_backends[task.account][task.region]
    done = []
    for each in balancers:
        arn = str(each.get("targetGroupArn"))
        group = backend.target_groups.get(arn)
        if group is not None and task.address in group.targets:
            backend.deregister_targets(arn, [{"Id": task.address}])
            done.append(arn)
    return done
