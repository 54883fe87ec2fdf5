"""What a service of ECS runs: its task definition, with the roles and the log of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.documents.physical_names import by_digest, physical_name
from components.documents.secret_reference import parse_reference, value_from
from components.documents.service_policies import execution_policy
from components.documents.stack_names import execution_role, task_log_group, task_role
from components.documents.task_definition import EcsServiceSpec, container_definitions
from components.lookups import secret_arns
from components.service_role import ServiceRole, ServiceRoleArgs


@dataclass(frozen=True, kw_only=True)
class EcsTaskArgs:
    """What runs, and what it may read."""

    stack: str
    """Name of the stack."""
    region: str
    """AWS region."""
    account: str | None = None
    """AWS account (12 digits), if the stack says it: its roles are taken for no other."""
    service: EcsServiceSpec
    """Its size, checks, variables and secrets."""
    ref: pulumi.Input[str]
    """repository:tag@digest."""
    repository_arn: pulumi.Input[str | None]
    """ECR repository of the image; None is one outside of private ECR."""
    key_arns: Sequence[str] = ()
    """KMS keys of one's own that its secrets are encrypted with."""
    log_key: str | None = None
    """ARN of the KMS key that its log is encrypted with; CloudWatch's own encryption if None."""
    permissions_boundary: str | None = None
    """ARN of the policy that no right of its roles may exceed."""


class EcsTask(pulumi.ComponentResource):
    """Makes a task definition, its two roles and its log group; gives back their ARNs.

    Every content is a revision, and earlier ones are kept: they are what can be put back.
    """

    task_definition_arn: pulumi.Output[str]
    """ARN of this revision."""
    family_arn: pulumi.Output[str]
    """ARN without a revision."""
    execution_role_arn: pulumi.Output[str]
    """The role that ECS pulls, logs and reads secrets with."""
    task_role_arn: pulumi.Output[str]
    """The role of the program itself; it may do nothing yet."""
    task_role_name: pulumi.Output[str]
    """Its name, `<stack>-<service>-task`, to attach policies to."""

    def __init__(
        self, name: str, args: EcsTaskArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """`name` is the logical name. Raises `ValueError` for a secret that isn't there."""
        super().__init__("slipway:index:EcsTask", name, None, opts)
        self._name = name
        self._child = pulumi.ResourceOptions(parent=self)
        arns = secret_arns(args.service.name, args.service.secrets, self)
        logs = self._create_log_group(args)
        execution = self._create_execution_role(args, logs, arns)
        task = self._create_task_role(args)
        definition = self._create_task_definition(args, execution, task, arns)
        self.task_definition_arn = definition.arn
        self.family_arn = definition.arn_without_revision
        self.execution_role_arn = execution.arn
        self.task_role_arn, self.task_role_name = task.arn, task.role_name
        self.register_outputs(
            {
                "task_definition_arn": self.task_definition_arn,
                "execution_role_arn": self.execution_role_arn,
                "task_role_arn": self.task_role_arn,
                "task_role_name": self.task_role_name,
            }
        )

    def _log_group_name(self, args: EcsTaskArgs) -> str:
        return task_log_group(args.stack, args.service.name)

    def _create_log_group(self, args: EcsTaskArgs) -> aws.cloudwatch.LogGroup:
        return aws.cloudwatch.LogGroup(
            f"{self._name}-logs",
            name=self._log_group_name(args),
            retention_in_days=args.service.retention_days,
            kms_key_id=args.log_key,
            opts=self._child,
        )

    def _create_execution_role(
        self, args: EcsTaskArgs, logs: aws.cloudwatch.LogGroup, arns: dict[str, str]
    ) -> ServiceRole:
        def policy(values: Sequence[str | None]) -> str:
            return execution_policy(
                log_group_arn=values[0] or "",
                repository_arn=values[1],
                secret_arns=list(arns.values()),
                key_arns=args.key_arns,
            )

        return ServiceRole(
            f"{self._name}-execution",
            ServiceRoleArgs(
                principal="ecs-tasks",
                description=f"ECS starts {args.service.name} of {args.stack} with it",
                policy=pulumi.Output.all(logs.arn, args.repository_arn).apply(policy),
                role_name=execution_role(args.stack, args.service.name),
                account=args.account,
                source_arn=_source(args),
                permissions_boundary=args.permissions_boundary,
            ),
            self._child,
        )

    def _create_task_role(self, args: EcsTaskArgs) -> ServiceRole:
        return ServiceRole(
            f"{self._name}-task",
            ServiceRoleArgs(
                principal="ecs-tasks",
                description=f"What the program {args.service.name} of {args.stack} may do",
                role_name=task_role(args.stack, args.service.name),
                account=args.account,
                source_arn=_source(args),
                permissions_boundary=args.permissions_boundary,
            ),
            self._child,
        )

    def _create_task_definition(
        self, args: EcsTaskArgs, execution: ServiceRole, task: ServiceRole, arns: dict[str, str]
    ) -> aws.ecs.TaskDefinition:
        service = args.service
        secrets = {
            variable: value_from(parse_reference(text), arns[variable])
            for variable, text in service.secrets.items()
        }

        def containers(ref: str) -> str:
            return container_definitions(
                service,
                image=by_digest(ref),
                log_group=self._log_group_name(args),
                region=args.region,
                secrets=secrets,
            )

        return aws.ecs.TaskDefinition(
            f"{self._name}-task-definition",
            family=physical_name(args.stack, service.name, longest=255),
            container_definitions=pulumi.Output.from_input(args.ref).apply(containers),
            cpu=str(service.cpu),
            memory=str(service.memory),
            network_mode="awsvpc",
            requires_compatibilities=["FARGATE"],
            runtime_platform=aws.ecs.TaskDefinitionRuntimePlatformArgs(
                cpu_architecture=service.architecture.upper(), operating_system_family="LINUX"
            ),
            execution_role_arn=execution.arn,
            task_role_arn=task.arn,
            # Both: with skip_destroy alone earlier revisions were seen to be deregistered.
            skip_destroy=True,
            opts=pulumi.ResourceOptions(parent=self, retain_on_delete=True),
        )


def _source(args: EcsTaskArgs) -> str | None:
    # ECS names no narrower source than itself in the account and region.
    return f"arn:aws:ecs:{args.region}:{args.account}:*" if args.account else None
