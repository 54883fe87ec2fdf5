"""What statements of IAM policies allow, judged on plain documents."""

from __future__ import annotations

from collections.abc import Callable
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

from policy_sentry.querying.actions import get_action_data

from tests.policy.resources import Resource

READS = ("*:Get*", "*:List*", "*:Describe*", "*:BatchGet*", "*:BatchCheck*")
CREDENTIALS = ("sts:AssumeRole*", "sts:GetFederationToken", "iam:CreateAccessKey")
DATA = ("s3:GetObject*", "ssm:GetParameter*", "secretsmanager:GetSecretValue", "kms:Decrypt")
PERMISSIONS = ("iam:Put*", "iam:Attach*", "s3:PutBucketPolicy", "*:*Permission", "*:Set*Policy")
ESCALATION = (
    "iam:PassRole", "iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion", "iam:AddUserToGroup",
    "iam:Attach*Policy", "iam:Put*Policy", "iam:UpdateAssumeRolePolicy", "iam:CreateAccessKey",
)  # fmt: skip


def _list(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value or [])


def _allowed(one: Resource) -> list[dict[str, Any]]:
    return [each for each in one.policy("policy") if each["Effect"] == "Allow"]


def everywhere(one: Resource) -> list[str]:
    """Actions allowed on every resource; a region is no limit, another condition is."""
    return [
        action
        for each in _allowed(one)
        if "*" in _list(each.get("Resource")) and _conditions(each) <= {"aws:RequestedRegion"}
        for action in [*_list(each.get("Action")), *(["*"] if "NotAction" in each else [])]
    ]


def _conditions(statement: dict[str, Any]) -> set[str]:
    return {key for each in statement.get("Condition", {}).values() for key in each}


@cache
def unnarrowed(action: str) -> bool:
    """Whether AWS's table knows no resource for an action; it knows none for a pattern."""
    service, _, name = action.partition(":")
    found = (get_action_data(service, name) if name else None) or {service: []}
    return {each["resource_arn_format"] for each in found[service]} == {"*"}


def like(action: str, patterns: tuple[str, ...] | set[str]) -> bool:
    """Whether an action is of a kind, or a pattern that holds some of it."""
    return any(fnmatchcase(action, each) or fnmatchcase(each, action) for each in patterns)


def none_everywhere(patterns: tuple[str, ...]) -> Callable[[Resource], bool]:
    return lambda one: not any(like(action, patterns) for action in everywhere(one))


def narrow(one: Resource) -> bool:
    """Only what AWS lets nobody narrow is allowed on every resource."""
    return all(unnarrowed(action) for action in everywhere(one))


def no_full_access(one: Resource) -> bool:
    actions = [action for each in _allowed(one) for action in _list(each.get("Action"))]
    return not any("NotAction" in each or "NotResource" in each for each in _allowed(one)) and (
        not any(action == "*" or action.endswith(":*") for action in actions)
    )


def passes_narrowly(one: Resource) -> bool:
    """PassRole of named roles alone, to a named service alone."""
    return all(
        "*" not in _list(each["Resource"]) and "iam:PassedToService" in str(each.get("Condition"))
        for each in _allowed(one)
        if any(like(action, ("iam:PassRole",)) for action in _list(each.get("Action")))
    )


def sends_narrowly(one: Resource) -> bool:
    """SendCommand by our own document, to machines by their tag or id."""
    return all(
        all(
            "document/slipway-" in arn or arn.count(":instance/") for arn in _list(each["Resource"])
        )
        and (
            not any(":instance/" in arn for arn in _list(each["Resource"]))
            or "esourceTag/" in str(each.get("Condition"))
            or not any(arn.endswith("instance/*") for arn in _list(each["Resource"]))
        )
        for each in _allowed(one)
        if any(like(action, ("ssm:SendCommand",)) for action in _list(each.get("Action")))
    )


def trusted(role: Resource) -> bool:
    return all("*" not in str(each["Principal"]) for each in role.policy("assumeRolePolicy"))


def github(role: Resource) -> bool:
    """A role for GitHub names its audience, and one exact subject."""
    return all(
        _exact(each.get("Condition", {}).get("StringEquals", {}))
        for each in role.policy("assumeRolePolicy")
    )


def federated(role: Resource) -> bool:
    return any("Federated" in each["Principal"] for each in role.policy("assumeRolePolicy"))


def _exact(claims: dict[str, Any]) -> bool:
    audience, subject = (
        _list(next((v for k, v in claims.items() if k.endswith(end)), None))
        for end in (":aud", ":sub")
    )
    return audience == ["sts.amazonaws.com"] and bool(subject) and "*" not in str(subject)
