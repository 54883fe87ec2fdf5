"""What a machine may do in AWS."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components.documents.policies import ec2_trust_policy, host_policy
from components.documents.stack_names import host_role


@dataclass(frozen=True, kw_only=True)
class HostRoleArgs:
    """What a machine reads."""

    stack: str
    """Name of the stack: whose bundles it may read."""
    region: str
    """AWS region."""
    bucket: pulumi.Input[str]
    """Bucket of the deploy bundles."""
    repository_arns: Sequence[pulumi.Input[str | None]] = ()
    """ECR repositories that it may pull from; None is one outside of ECR."""
    bundle_key: str | None = None
    """ARN of the KMS key that bundles are encrypted with, if it is one's own."""
    parameter_paths: Sequence[str] = ()
    """Paths of Parameter Store that its services read."""
    references: Sequence[str] = ()
    """Parameters and secrets that services of its MicroK8s read."""


class HostRole(pulumi.ComponentResource):
    """Makes the role of a machine with its rights; gives back the instance profile's name."""

    profile_name: pulumi.Output[str]
    """Name of the instance profile."""
    role_name: pulumi.Output[str]
    """Name of the role."""

    def __init__(
        self, name: str, args: HostRoleArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """`name` is the logical name."""
        super().__init__("slipway:index:HostRole", name, None, opts)
        self._name = name
        self._child = pulumi.ResourceOptions(parent=self)
        self._physical_name = host_role(args.stack, name)
        role = self._create_role()
        self._create_rights(args, role)
        self.profile_name, self.role_name = self._create_profile(role).name, role.name
        self.register_outputs({"profile_name": self.profile_name})

    def _create_role(self) -> aws.iam.Role:
        return aws.iam.Role(
            f"{self._name}-role",
            name=self._physical_name,
            description="A host of slipway: reads its bundles, pulls its images, listens to SSM",
            assume_role_policy=ec2_trust_policy(),
            opts=self._child,
        )

    def _create_rights(self, args: HostRoleArgs, role: aws.iam.Role) -> None:
        def document(values: Sequence[Any]) -> str:
            bucket, *arns = values
            known = [arn for arn in arns if arn is not None]
            return host_policy(
                bucket=bucket,
                stack=args.stack,
                region=args.region,
                repository_arns=known,
                bundle_key=args.bundle_key,
                parameter_paths=args.parameter_paths,
                references=args.references,
            )

        aws.iam.RolePolicy(
            f"{self._name}-policy",
            role=role.name,
            policy=pulumi.Output.all(args.bucket, *args.repository_arns).apply(document),
            opts=self._child,
        )

    def _create_profile(self, role: aws.iam.Role) -> aws.iam.InstanceProfile:
        return aws.iam.InstanceProfile(
            f"{self._name}-profile", name=self._physical_name, role=role.name, opts=self._child
        )
