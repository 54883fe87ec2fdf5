"""What a workflow may do in IAM: make the roles of its services, and no role that is more."""

from __future__ import annotations

from components.documents import stack_names
from components.documents.ci_actions import OWN, ROLES, of
from components.documents.ci_estate import CiEstate
from components.documents.grants import Grants

PROVIDER_HOST = "token.actions.githubusercontent.com"
"""Who signs the tokens of GitHub's workflows."""

BOUNDED = (
    "iam:CreateRole",
    "iam:DeleteRolePolicy",
    "iam:PutRolePermissionsBoundary",
    "iam:PutRolePolicy",
    "iam:UpdateAssumeRolePolicy",
)
"""What gives rights: allowed for roles alone that have the boundary."""

LINKED = {
    "ecs": "AWSServiceRoleForECS",
    "elasticloadbalancing": "AWSServiceRoleForElasticLoadBalancing",
}
"""Roles of AWS's own, which the first cluster or balancer of an account makes."""


def give_roles(grants: Grants, estate: CiEstate) -> None:
    """Adds the stack's roles within their boundary, passing each to its service, and a look at
    what this role itself is made of: never a change of that."""
    named = {
        service: [estate.iam(f"role/{name}") for name in names]
        for service, names in estate.roles.items()
    }
    every = [arn for arns in named.values() for arn in arns]
    if every:
        actions = {action for each in ROLES.values() for action in each}
        bounded = {"StringEquals": {"iam:PermissionsBoundary": estate.boundary}}
        grants.give("MakeBoundedRoles", BOUNDED, every, bounded)
        grants.give("KeepRoles", actions - set(BOUNDED), every)
    for service, arns in named.items():
        to = {"StringEquals": {"iam:PassedToService": f"{service}.amazonaws.com"}}
        grants.give(f"PassTo{service.title().replace('-', '')}", of("iam", "PassRole"), arns, to)
    _give_linked(grants, estate)
    _give_own(grants, estate)


def _give_linked(grants: Grants, estate: CiEstate) -> None:
    used = ["ecs"] * bool(estate.ecs)
    used += ["elasticloadbalancing"] * any(each.balancer for each in estate.ecs)
    for service in used:
        name = f"{service}.amazonaws.com"
        role = estate.iam(f"role/aws-service-role/{name}/{LINKED[service]}")
        to = {"StringEquals": {"iam:AWSServiceName": name}}
        sid = f"LetAwsHelp{service.title()}"
        grants.give(sid, of("iam", "CreateServiceLinkedRole"), role, to)


def _give_own(grants: Grants, estate: CiEstate) -> None:
    parts = estate.iam(f"policy/{stack_names.ci_policy(estate.stack, '*')}")
    own = {
        "aws:iam/openIdConnectProvider:OpenIdConnectProvider": [
            estate.iam(f"oidc-provider/{PROVIDER_HOST}")
        ],
        "aws:iam/policy:Policy": [parts, estate.boundary],
        "aws:iam/role:Role": [estate.iam(f"role/{stack_names.ci_role(estate.stack)}")],
    }
    for token, arns in own.items():
        grants.give(f"LookAtOwn{token.rpartition(':')[2]}", OWN[token], arns)
