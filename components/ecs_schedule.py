"""A task of ECS that runs by the clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components.documents.physical_names import physical_name
from components.documents.service_policies import schedule_policy
from components.documents.stack_names import schedule_role
from components.documents.task_definition import EcsServiceSpec
from components.ecs_cluster import EcsCluster
from components.ecs_network import EcsNetwork, network_configuration
from components.ecs_task import EcsTask
from components.service_role import ServiceRole, ServiceRoleArgs


@dataclass(frozen=True, kw_only=True)
class EcsScheduleArgs:
    """What runs when, and where."""

    stack: str
    """Name of the stack."""
    account: str | None = None
    """AWS account (12 digits), if the stack says it: the role is taken for no other."""
    service: EcsServiceSpec
    """The service; it has a schedule."""
    task: EcsTask
    """What runs."""
    cluster: EcsCluster
    """The cluster."""
    network: EcsNetwork
    """Where its tasks get their addresses."""
    security_group_ids: Sequence[pulumi.Input[str]]
    """Their security groups."""
    permissions_boundary: str | None = None
    """ARN of the policy that no right of the role may exceed."""


class EcsSchedule(pulumi.ComponentResource):
    """Makes a rule of EventBridge that runs one task each time; gives back what it will run.

    A new version is run from the next time on; a run under way ends as it began.
    """

    task_definition_arn: pulumi.Output[str]
    """The revision that the next run takes, known once the rule has it."""

    def __init__(
        self, name: str, args: EcsScheduleArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """`name` is the logical name."""
        super().__init__("slipway:index:EcsSchedule", name, None, opts)
        self._name = name
        self._child = pulumi.ResourceOptions(parent=self)
        rule = self._create_rule(args)
        role = self._create_role(args, rule)
        target = self._create_target(args, rule, role)
        self.task_definition_arn = target.ecs_target.apply(
            lambda each: str(each.task_definition_arn)
        )
        self.register_outputs({"task_definition_arn": self.task_definition_arn})

    def _create_role(self, args: EcsScheduleArgs, rule: aws.cloudwatch.EventRule) -> ServiceRole:
        def policy(values: Sequence[Any]) -> str:
            family, *roles = values
            return schedule_policy(task_definition_arn=family, role_arns=roles)

        arns = (args.task.family_arn, args.task.execution_role_arn, args.task.task_role_arn)
        return ServiceRole(
            f"{self._name}-schedule",
            ServiceRoleArgs(
                principal="events",
                description=f"EventBridge starts {args.service.name} of {args.stack} with it",
                policy=pulumi.Output.all(*arns).apply(policy),
                role_name=schedule_role(args.stack, args.service.name),
                account=args.account,
                source_arn=rule.arn,
                permissions_boundary=args.permissions_boundary,
            ),
            self._child,
        )

    def _create_rule(self, args: EcsScheduleArgs) -> aws.cloudwatch.EventRule:
        return aws.cloudwatch.EventRule(
            f"{self._name}-rule",
            name=physical_name(args.stack, args.service.name, longest=64),
            description=f"Runs {args.service.name} of {args.stack}",
            schedule_expression=args.service.schedule,
            opts=self._child,
        )

    def _create_target(
        self, args: EcsScheduleArgs, rule: aws.cloudwatch.EventRule, role: ServiceRole
    ) -> aws.cloudwatch.EventTarget:
        network = network_configuration(args.network, args.security_group_ids)
        return aws.cloudwatch.EventTarget(
            f"{self._name}-target",
            rule=rule.name,
            arn=args.cluster.arn,
            role_arn=role.arn,
            ecs_target=aws.cloudwatch.EventTargetEcsTargetArgs(
                task_definition_arn=args.task.task_definition_arn,
                launch_type="FARGATE",
                task_count=1,
                network_configuration=aws.cloudwatch.EventTargetEcsTargetNetworkConfigurationArgs(
                    **network
                ),
            ),
            # Its rights come first, and so do those of the task that it starts.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[role, args.task]),
        )
