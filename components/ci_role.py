"""The role that workflows on GitHub take to deploy a stack, without a key that could be stolen."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.documents import stack_names
from components.documents.ci_estate import CiEstate
from components.documents.ci_policies import boundary_document, ci_documents
from components.documents.ci_trust import ci_trust_policy


@dataclass(frozen=True, kw_only=True)
class CiRoleArgs:
    """Who takes the role, and what it reaches."""

    estate: CiEstate
    """The stack."""
    provider_arn: pulumi.Output[str]
    """The identity provider of GitHub's tokens."""
    repository: str
    """owner/name, as GitHub's tokens write it."""
    branch: str | None = None
    """The branch whose jobs take it."""
    environment: str | None = None
    """The environment whose jobs take it, instead of a branch's."""
    tag: str | None = None
    """Tags whose jobs take it too; * is anything."""
    session_minutes: int = 60
    """How long a job has it at most, 60 to 720."""


class CiRole(pulumi.ComponentResource):
    """Makes the role, its policies, and the boundary of the roles that it makes; gives back ARNs.

    It can change none of them itself: an administrator's `pulumi up` does.
    """

    arn: pulumi.Output[str]
    """ARN of the role: `role-to-assume` of the workflow."""
    boundary_arn: pulumi.Output[str]
    """ARN of the policy that no role of the stack exceeds."""

    def __init__(
        self, name: str, args: CiRoleArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """`name` is the logical name. Raises `ValueError` for a stack whose rights AWS can't hold,
        and for a repository, branch, environment or tag that could mean more than one."""
        super().__init__("slipway:index:CiRole", name, None, opts)
        self._name = name
        self._child = pulumi.ResourceOptions(parent=self)
        self.boundary_arn = self._create_boundary(args)
        role = self._create_role(args)
        self._create_policies(args, role)
        self.arn = role.arn
        self.register_outputs({"arn": self.arn, "boundary_arn": self.boundary_arn})

    def _create_boundary(self, args: CiRoleArgs) -> pulumi.Output[str]:
        estate = args.estate
        if estate.boundary_arn is not None:
            return pulumi.Output.from_input(estate.boundary_arn)
        made = aws.iam.Policy(
            f"{self._name}-boundary",
            name=stack_names.boundary(estate.stack),
            description=f"What no role of {estate.stack} may exceed",
            policy=boundary_document(estate),
            opts=self._child,
        )
        arn: pulumi.Output[str] = made.arn
        return arn

    def _create_role(self, args: CiRoleArgs) -> aws.iam.Role:
        def trust(arn: str) -> str:
            return ci_trust_policy(
                provider_arn=arn,
                repository=args.repository,
                branch=args.branch,
                environment=args.environment,
                tag=args.tag,
            )

        trust("")  # what is wrong in it is said now, not when the provider is there
        return aws.iam.Role(
            f"{self._name}-role",
            name=stack_names.ci_role(args.estate.stack),
            description=f"Workflows of {args.repository} deploy {args.estate.stack} with it",
            assume_role_policy=args.provider_arn.apply(trust),
            max_session_duration=args.session_minutes * 60,
            opts=self._child,
        )

    def _create_policies(self, args: CiRoleArgs, role: aws.iam.Role) -> None:
        for number, text in enumerate(ci_documents(args.estate), 1):
            policy = aws.iam.Policy(
                f"{self._name}-policy-{number}",
                name=stack_names.ci_policy(args.estate.stack, str(number)),
                description=f"What workflows may do in {args.estate.stack}, part {number}",
                policy=text,
                opts=self._child,
            )
            aws.iam.RolePolicyAttachment(
                f"{self._name}-attachment-{number}",
                role=role.name,
                policy_arn=policy.arn,
                opts=self._child,
            )
