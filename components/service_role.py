"""The role that an AWS service takes for one of ours."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.documents.service_trust import Principal, trust_policy


@dataclass(frozen=True, kw_only=True)
class ServiceRoleArgs:
    """Who takes the role, and what it may do."""

    principal: Principal
    """The AWS service that takes it."""
    description: str
    """What it is for."""
    policy: pulumi.Input[str] | None = None
    """What it may do; None: nothing, until somebody attaches a policy of their own."""
    role_name: str | None = None
    """Its name, where people attach policies to it; AWS's own choice if not given."""
    account: str | None = None
    """The account (12 digits) on whose behalf alone it is taken."""
    source_arn: str | pulumi.Output[str] | None = None
    """ARN of what it is taken for alone, as the service tells it."""
    permissions_boundary: str | None = None
    """ARN of the policy that no right of it may exceed."""


class ServiceRole(pulumi.ComponentResource):
    """Makes a role and its only policy; gives back the role's name and ARN."""

    role_name: pulumi.Output[str]
    """Its name."""
    arn: pulumi.Output[str]
    """Its ARN."""

    def __init__(
        self, name: str, args: ServiceRoleArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """`name` is the logical name."""
        super().__init__("slipway:index:ServiceRole", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        role = aws.iam.Role(
            f"{name}-role",
            name=args.role_name,
            description=args.description,
            assume_role_policy=_trust(args),
            permissions_boundary=args.permissions_boundary,
            opts=child,
        )
        if args.policy is not None:
            aws.iam.RolePolicy(f"{name}-policy", role=role.name, policy=args.policy, opts=child)
        self.role_name, self.arn = role.name, role.arn
        self.register_outputs({"role_name": self.role_name, "arn": self.arn})


def _trust(args: ServiceRoleArgs) -> pulumi.Input[str]:
    if isinstance(args.source_arn, pulumi.Output):
        known: pulumi.Output[str] = args.source_arn.apply(
            lambda arn: trust_policy(args.principal, account=args.account, source_arn=arn)
        )
        return known
    return trust_policy(args.principal, account=args.account, source_arn=args.source_arn)
