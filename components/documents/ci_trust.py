"""Who takes the role of a stack's workflows: GitHub's tokens of one repository and one place.

https://docs.github.com/en/actions/reference/security/oidc, and for AWS's side:
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_oidc.html
"""

from __future__ import annotations

import re
from typing import Any

from components.documents.ci_roles import PROVIDER_HOST
from components.documents.statements import document

AUDIENCE = "sts.amazonaws.com"
"""Whom the tokens are for; what GitHub's own action for AWS asks for."""

_PART = {
    # Repositories of 2026-06-18 and later have the numbers of owner and repository in the name.
    "repository": (r"[A-Za-z0-9][A-Za-z0-9@-]*/[A-Za-z0-9._@-]+", "owner/name"),
    "branch": (r"[A-Za-z0-9][A-Za-z0-9._/-]*", "a branch's name, without wildcards"),
    "environment": (r"[A-Za-z0-9][A-Za-z0-9._-]*", "letters, digits and . _ -"),
    "tag": (r"(?=.*[A-Za-z0-9])[A-Za-z0-9._*-]+", "a tag's name, in which * is anything"),
}


def ci_trust_policy(
    *,
    provider_arn: str,
    repository: str,
    branch: str | None = None,
    environment: str | None = None,
    tag: str | None = None,
) -> str:
    """Lets the jobs of one branch, or of one environment, take the role; besides them, of tags.

    The `sub` of GitHub's token names the environment if the job has one, else the ref: for a tag
    `repo:owner/name:ref:refs/tags/v1.2.0-dev`. A branch or an environment is compared exactly. Tags
    have no common name, so theirs is a pattern; an environment with a rule for tags is exact too.
    Raises `ValueError` for what could match anything else, or if nothing is given.
    """
    start = f"repo:{check_part('repository', repository)}"
    statements = []
    if environment is not None:
        sub = f"{start}:environment:{check_part('environment', environment)}"
        statements.append(_taken(provider_arn, "Environment", "StringEquals", sub))
    elif branch is not None:
        sub = f"{start}:ref:refs/heads/{check_part('branch', branch)}"
        statements.append(_taken(provider_arn, "Branch", "StringEquals", sub))
    if tag is not None:
        sub = f"{start}:ref:refs/tags/{check_part('tag', tag)}"
        operator = "StringLike" if "*" in tag else "StringEquals"
        statements.append(_taken(provider_arn, "Tags", operator, sub))
    if not statements:
        raise ValueError("nobody could take the role; say a branch, an environment or a tag")
    return document(statements)


def check_part(kind: str, value: str) -> str:
    """A part of `sub` itself. Raises `ValueError` if it could mean more than it says."""
    pattern, allowed = _PART[kind]
    if not re.fullmatch(pattern, value):
        raise ValueError(f"{value!r} is not a {kind}; allowed: {allowed}")
    return value


def _taken(provider_arn: str, sid: str, operator: str, sub: str) -> dict[str, Any]:
    condition = {"StringEquals": {f"{PROVIDER_HOST}:aud": AUDIENCE}}
    condition.setdefault(operator, {})[f"{PROVIDER_HOST}:sub"] = sub
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": {"Federated": provider_arn},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": condition,
    }
