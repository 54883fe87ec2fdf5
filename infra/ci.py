"""The role of a stack's workflows: from its settings to the rights that it has."""

from __future__ import annotations

from typing import Any

import pulumi

from components.ci_identity import CiIdentity, CiIdentityArgs
from components.ci_role import CiRole, CiRoleArgs
from components.documents.stack_names import STACK_TAG
from infra.ci_estate import estate_of
from infra.ci_section import Ci
from infra.look import Look
from infra.settings import Settings

BOUNDED = "aws:iam/role:Role"
TAGGED = ("aws:ec2/instance:Instance", "aws:ec2/securityGroup:SecurityGroup")


def make_ci(settings: Settings, seen: Look) -> None:
    """Registers the role, if the stack file asks for it; what is registered after it is within
    its boundary and carries its tag. Exports its ARN.

    Raises `ValueError` for what must not be, before the first resource.
    """
    wanted = settings.ci
    if wanted is None:
        return
    account = _checked(settings, wanted)
    estate = estate_of(settings, wanted, account, seen)
    identity = CiIdentity(
        "github",
        CiIdentityArgs(account=account, create=wanted.provider.create, protect=settings.protected),
    )
    role = CiRole(
        "ci",
        CiRoleArgs(
            estate=estate,
            provider_arn=identity.arn,
            repository=wanted.repository,
            branch=None if wanted.environment else wanted.branch,
            environment=wanted.environment,
            tag=wanted.tag,
            session_minutes=wanted.session_minutes,
        ),
    )
    _bind(settings.stack, role.boundary_arn)
    pulumi.export("ci", {"role": role.arn, "boundary": role.boundary_arn})


def _checked(settings: Settings, wanted: Ci) -> str:
    where = f"{settings.project}:ci"
    if settings.account is None:
        raise ValueError(
            f"{where} needs {settings.project}:account: rights are narrowed to names in one account"
        )
    if settings.protected and wanted.environment is None:
        raise ValueError(
            f"{where}.environment is missing: the stack {settings.stack!r} is protected, and a "
            "branch has no reviewers. Say `environment: production`, and who approves it on GitHub"
        )
    return settings.account


def _bind(stack: str, boundary: pulumi.Output[str]) -> None:
    """AWS lets the role make no other roles, machines and groups than those: see ci_policies."""

    def bound(
        args: pulumi.ResourceTransformationArgs,
    ) -> pulumi.ResourceTransformationResult | None:
        props: dict[str, Any] = dict(args.props)
        if args.type_ == BOUNDED and props.get("permissions_boundary") is None:
            props["permissions_boundary"] = boundary
        elif args.type_ in TAGGED:
            props["tags"] = {**(props.get("tags") or {}), STACK_TAG: stack}
        else:
            return None
        return pulumi.ResourceTransformationResult(props=props, opts=args.opts)

    pulumi.runtime.register_stack_transformation(bound)
