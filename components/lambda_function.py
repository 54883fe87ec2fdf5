"""A function of Lambda, with its role and its log; which version serves is its rollout's matter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.documents.function import LambdaServiceSpec, configuration_hash, variables
from components.documents.physical_names import by_digest, physical_name
from components.documents.service_policies import function_policy
from components.documents.tracing_policy import tracing_policy
from components.lookups import secret_arns
from components.service_role import ServiceRole, ServiceRoleArgs


@dataclass(frozen=True, kw_only=True)
class LambdaFunctionArgs:
    """What the function is set to, and what it may read."""

    stack: str
    """Name of the stack."""
    service: LambdaServiceSpec
    """The function as the stack file writes it."""
    ref: pulumi.Input[str]
    """repository:tag@digest that it is made of; later ones come by its rollout."""
    key_arns: Sequence[str] = ()
    """KMS keys of one's own that its secrets are encrypted with."""
    log_key: str | None = None
    """ARN of the KMS key that its log and its environment are encrypted with."""
    permissions_boundary: str | None = None
    """ARN of the policy that no right of its role may exceed."""


class LambdaFunction(pulumi.ComponentResource):
    """Makes a function, its role and its log group; gives back their names."""

    function_name: pulumi.Output[str]
    """`<stack>-<service>`."""
    role_name: pulumi.Output[str]
    """The function's role, `<stack>-<service>-function`, to attach policies to."""
    configuration: pulumi.Output[str]
    """SHA-256 of all that the function is set to, but its image."""

    def __init__(
        self, name: str, args: LambdaFunctionArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """`name` is the logical name. Raises `ValueError` for a secret that isn't there."""
        super().__init__("slipway:index:LambdaFunction", name, None, opts)
        self._name = name
        self._child = pulumi.ResourceOptions(parent=self)
        self._physical_name = physical_name(args.stack, args.service.name, longest=64)
        arns = secret_arns(args.service.name, args.service.secrets, self)
        environment = variables(args.service, arns)
        logs = self._create_log_group(args)
        role = self._create_role(args, logs, arns)
        function = self._create_function(args, role, logs, environment)
        self.function_name, self.role_name = function.name, role.role_name
        self.configuration = self._configuration(args, role, environment)
        self.register_outputs(
            {
                "function_name": self.function_name,
                "role_name": self.role_name,
                "configuration": self.configuration,
            }
        )

    def _create_log_group(self, args: LambdaFunctionArgs) -> aws.cloudwatch.LogGroup:
        # The name is Lambda's own choice: made here first, so that logs are not kept for ever.
        return aws.cloudwatch.LogGroup(
            f"{self._name}-logs",
            name=f"/aws/lambda/{self._physical_name}",
            retention_in_days=args.service.retention_days,
            kms_key_id=args.log_key,
            opts=self._child,
        )

    def _create_role(
        self, args: LambdaFunctionArgs, logs: aws.cloudwatch.LogGroup, arns: Mapping[str, str]
    ) -> ServiceRole:
        def policy(log_group_arn: str) -> str:
            return function_policy(
                log_group_arn=log_group_arn,
                secret_arns=list(arns.values()),
                key_arns=args.key_arns,
                environment_key=args.log_key if args.service.environment or arns else None,
            )

        role = ServiceRole(
            f"{self._name}-function",
            ServiceRoleArgs(
                principal="lambda",
                description=f"What the function {args.service.name} of {args.stack} may do",
                policy=logs.arn.apply(policy),
                role_name=physical_name(args.stack, args.service.name, "function", longest=64),
                permissions_boundary=args.permissions_boundary,
            ),
            self._child,
        )
        if args.service.tracing:
            aws.iam.RolePolicy(
                f"{self._name}-tracing-policy",
                role=role.role_name,
                policy=tracing_policy(),
                opts=self._child,
            )
        return role

    def _create_function(
        self,
        args: LambdaFunctionArgs,
        role: ServiceRole,
        logs: aws.cloudwatch.LogGroup,
        environment: Mapping[str, str],
    ) -> aws.lambda_.Function:
        service = args.service
        return aws.lambda_.Function(
            f"{self._name}-function",
            name=self._physical_name,
            description=f"{service.name} of {args.stack}",
            package_type="Image",
            image_uri=pulumi.Output.from_input(args.ref).apply(by_digest),
            role=role.arn,
            architectures=[service.architecture],
            memory_size=service.memory,
            timeout=service.timeout,
            environment=(
                aws.lambda_.FunctionEnvironmentArgs(variables=environment) if environment else None
            ),
            kms_key_arn=args.log_key if environment else None,
            reserved_concurrent_executions=service.concurrency,
            tracing_config=aws.lambda_.FunctionTracingConfigArgs(mode=_tracing(service)),
            # The rollout owns the image: it publishes, tries and puts back versions.
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=[role, logs], ignore_changes=["image_uri"]
            ),
        )

    def _configuration(
        self, args: LambdaFunctionArgs, role: ServiceRole, environment: Mapping[str, str]
    ) -> pulumi.Output[str]:
        service = args.service
        settings: dict[str, object] = {
            "architecture": service.architecture,
            "environment": environment,
            "memory": service.memory,
            "timeout": service.timeout,
        }
        if service.tracing:
            settings["tracing"] = _tracing(service)
        return role.arn.apply(lambda arn: configuration_hash({**settings, "role": arn}))


def _tracing(service: LambdaServiceSpec) -> str:
    return "Active" if service.tracing else "PassThrough"
