"""The service of ECS itself, and the security group of its tasks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components.documents.physical_names import physical_name
from components.documents.task_definition import EcsServiceSpec
from components.ecs_balancer import EcsBalancer
from components.ecs_cluster import EcsCluster
from components.ecs_network import EcsNetwork, network_configuration
from components.ecs_task import EcsTask


@dataclass(frozen=True, kw_only=True)
class FargateServiceArgs:
    """What is kept running, and where."""

    stack: str
    """Name of the stack."""
    service: EcsServiceSpec
    """Its port and checks."""
    task: EcsTask
    """What runs first; later the rollout moves it."""
    cluster: EcsCluster
    """The cluster."""
    network: EcsNetwork
    """Where its tasks get their addresses."""
    security_group_id: pulumi.Input[str]
    """The security group of its tasks."""
    balancer: EcsBalancer | None = None
    """What its tasks are put behind."""


def create_task_group(
    name: str,
    service: EcsServiceSpec,
    network: EcsNetwork,
    balancer: EcsBalancer | None,
    opts: pulumi.ResourceOptions,
) -> aws.ec2.SecurityGroup:
    """Registers the security group of tasks: only the balancer, or `open_to`, gets in."""
    sources: dict[str, Any] = {"cidr_blocks": list(service.open_to)}
    if balancer is not None:
        sources = {"security_groups": [balancer.security_group_id]}
    ingress = []
    if service.port is not None and (balancer is not None or service.open_to):
        ingress = [
            aws.ec2.SecurityGroupIngressArgs(
                description="requests",
                protocol="tcp",
                from_port=service.port,
                to_port=service.port,
                **sources,
            )
        ]
    egress = aws.ec2.SecurityGroupEgressArgs(
        description="all", protocol="-1", from_port=0, to_port=0, cidr_blocks=["0.0.0.0/0"]
    )
    return aws.ec2.SecurityGroup(
        f"{name}-group",
        description="The tasks of a service",
        vpc_id=network.vpc,
        ingress=ingress,
        egress=[egress],
        opts=opts,
    )


def create_fargate_service(
    name: str, args: FargateServiceArgs, opts: pulumi.ResourceOptions
) -> aws.ecs.Service:
    """Registers the service, with no task yet.

    Its rollout owns the task definition and the count: nothing runs before the rollout does, so a
    task that has to come first does so on the very first deploy too.
    """
    service, balancer = args.service, args.balancer
    network = network_configuration(args.network, [args.security_group_id])
    # Rights, and the listener without which AWS refuses the target group, come first.
    own = pulumi.ResourceOptions(
        depends_on=[args.task, *([balancer] if balancer else [])],
        ignore_changes=["task_definition", "desired_count"],
    )
    return aws.ecs.Service(
        f"{name}-service",
        name=physical_name(args.stack, service.name, longest=255),
        cluster=args.cluster.arn,
        launch_type="FARGATE",
        task_definition=args.task.task_definition_arn,
        desired_count=0,
        deployment_minimum_healthy_percent=100,
        deployment_maximum_percent=200,
        deployment_circuit_breaker=aws.ecs.ServiceDeploymentCircuitBreakerArgs(
            enable=True, rollback=True
        ),
        network_configuration=aws.ecs.ServiceNetworkConfigurationArgs(**network),
        load_balancers=_load_balancers(service, balancer),
        health_check_grace_period_seconds=service.grace if balancer else None,
        opts=pulumi.ResourceOptions.merge(opts, own),
    )


def _load_balancers(
    service: EcsServiceSpec, balancer: EcsBalancer | None
) -> list[aws.ecs.ServiceLoadBalancerArgs] | None:
    if balancer is None:
        return None
    return [
        aws.ecs.ServiceLoadBalancerArgs(
            target_group_arn=balancer.target_group_arn,
            container_name=service.name,
            container_port=service.port,
        )
    ]
