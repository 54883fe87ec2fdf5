"""What roles may do beside what they did: the policies of an IAM, and the calls that a local cloud
has taken down."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from localcloud.iam.request import Document, Request, any_matches, listed, matches
from localcloud.iam.verdict import judge, read, statements

Call = Mapping[str, Any]
"""One line of the cloud's record of calls."""
Reasons = Mapping[str, str]
"""Why an action is allowed and never used, by action."""


@dataclass(frozen=True, kw_only=True)
class Role:
    """A role as IAM tells it."""

    arn: str
    """Its ARN."""
    service: str
    """The AWS service that takes it, such as ec2; empty if none does."""
    documents: tuple[Document, ...]
    """Its policies, inline and attached."""
    boundary: Document | None = None
    """What it can't exceed."""

    @property
    def name(self) -> str:
        """The last word of the ARN."""
        return self.arn.rpartition("/")[2]


def roles_of(iam: Any) -> list[Role]:
    """All roles of an account, read through its API."""
    found = []
    for page in iam.get_paginator("list_roles").paginate():
        for each in page["Roles"]:
            held = iam.get_role(RoleName=each["RoleName"])["Role"]
            limit = held.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
            found.append(
                Role(
                    arn=held["Arn"],
                    service=_service(held["AssumeRolePolicyDocument"]),
                    documents=tuple(_documents(iam, held["RoleName"])),
                    boundary=_managed(iam, limit) if limit else None,
                )
            )
    return found


def _service(trust: Document) -> str:
    named = [
        str(service).partition(".")[0]
        for each in listed(trust.get("Statement"))
        if isinstance(each.get("Principal"), dict)
        for service in listed(each["Principal"].get("Service"))
    ]
    return named[0] if named else ""


def _documents(iam: Any, name: str) -> Iterable[Document]:
    for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
        yield read(iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"])
    for attached in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
        yield _managed(iam, attached["PolicyArn"])


def _managed(iam: Any, arn: str) -> Document:
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    found = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
    return read(found)


def request_of(call: Call) -> Request:
    """What a call asks of IAM."""
    account = call["account"]
    around = {
        "aws:SecureTransport": ["true"],
        "aws:PrincipalAccount": [account],
        "aws:RequestedRegion": [call.get("region") or "eu-west-1"],
    }
    context = {**around, **call["context"]}
    return Request(action=call["action"], resource=call["resource"], context=context)


def refusals(role: Role, calls: Iterable[Call]) -> dict[tuple[str, str], str]:
    """The calls, as action and resource, that the role's policies don't allow, and why."""
    found = {}
    for call in calls:
        verdict = judge(request_of(call), identity=role.documents, boundary=role.boundary)
        if not verdict.allowed:
            found[call["action"], call["resource"]] = verdict.reason
    return found


def never_used(role: Role, calls: Iterable[Call]) -> list[tuple[str, str]]:
    """Each action on each resource that a policy of the role allows and no call needed."""
    asked = [request_of(call) for call in calls]
    found = []
    for statement in statements(role.documents, "Allow"):
        for action in listed(statement.get("Action")):
            for resource in listed(statement.get("Resource")):
                used = any(
                    matches(str(action), each.action, fold=True)
                    and matches(str(resource), each.resource)
                    for each in asked
                )
                if not used:
                    found.append((str(action), str(resource)))
    return found


def actions_of(role: Role) -> set[str]:
    """All actions that the role's policies allow."""
    every = statements(role.documents, "Allow")
    return {str(action) for each in every for action in listed(each.get("Action"))}


def without(role: Role, action: str) -> Role:
    """The role as it would be without one action of its policies."""
    documents = [
        {
            "Statement": [
                {**each, "Action": [a for a in listed(each.get("Action")) if a != action]}
                for each in listed(document.get("Statement"))
            ]
        }
        for document in role.documents
    ]
    return replace(role, documents=tuple(documents))


def unexplained(found: Iterable[tuple[str, str]], reasons: Reasons) -> list[tuple[str, str]]:
    """Those of them that no reason speaks of."""
    return [each for each in found if not any_matches(reasons, each[0], fold=True)]


def row(role: Role, calls: list[Call], reasons: Reasons) -> str:
    """One line of the table: role, calls, actions, not allowed, never used, with a reason."""
    unused = never_used(role, calls)
    without = unexplained(unused, reasons)
    actions = len({call["action"] for call in calls})
    refused = len(refusals(role, calls))
    numbers = f"{len(calls):>6}{actions:>9}{refused:>13}{len(without):>12}"
    return f"{role.name:<52}{numbers}{len(unused) - len(without):>9}"


HEADER = f"{'role':<52}{'calls':>6}{'actions':>9}{'not allowed':>13}{'never used':>12}{'reason':>9}"
