"""Checks of every IAM policy, whoever it is attached to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.policy.check import Check, Reason, on_each
from tests.policy.resources import Loosening, Resource, of, rewritten, with_one
from tests.policy.statements import (
    CREDENTIALS,
    DATA,
    ESCALATION,
    PERMISSIONS,
    READS,
    everywhere,
    federated,
    github,
    like,
    narrow,
    no_full_access,
    none_everywhere,
    passes_narrowly,
    sends_narrowly,
    trusted,
    unnarrowed,
)

ROLE = "aws:iam/role:Role"
INLINE = "aws:iam/rolePolicy:RolePolicy"
MANAGED = "aws:iam/policy:Policy"
ATTACHED = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"


def _stray(*actions: str, **more: Any) -> Loosening:
    """One more statement that allows these on every resource."""
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*", **more}
    return rewritten(INLINE, "policy", lambda document: document["Statement"].append(statement))


def _anybody(document: dict[str, Any]) -> None:
    document["Statement"][0]["Principal"] = {"AWS": "*"}


def _any_repository(document: dict[str, Any]) -> None:
    document["Statement"] = [
        {
            "Effect": "Allow",
            "Principal": {"Federated": "arn:aws:iam::123456789012:oidc-provider/example"},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {"StringEquals": {"example:aud": "sts.amazonaws.com"}},
        }
    ]


def _rights(ids: str, title: str, holds: Callable[[Resource], bool], loosened: Loosening) -> Check:
    return on_each((INLINE, MANAGED), ids=ids, title=title, holds=holds, loosened=loosened)


CHECKS: tuple[Check, ...] = (
    _rights(
        "CKV_AWS_356",
        "nothing is allowed on `*` that AWS can narrow",
        narrow,
        _stray("s3:ListBucket"),
    ),
    _rights(
        "CKV2_AWS_40, CKV_AWS_62, CKV_AWS_63",
        "no action is a whole service, or all",
        no_full_access,
        _stray("iam:*"),
    ),
    _rights(
        "CKV_AWS_107, CKV_AWS_287",
        "no credentials of others are given out",
        none_everywhere(CREDENTIALS),
        _stray("sts:AssumeRole"),
    ),
    _rights(
        "CKV_AWS_108, CKV_AWS_288",
        "no data is read everywhere",
        none_everywhere(DATA),
        _stray("ssm:GetParameters"),
    ),
    _rights(
        "CKV_AWS_109, CKV_AWS_289",
        "no permissions are changed everywhere",
        none_everywhere(PERMISSIONS),
        _stray("s3:PutBucketPolicy"),
    ),
    _rights(
        "CKV_AWS_110, CKV_AWS_286",
        "no way to more rights than one has",
        none_everywhere(ESCALATION),
        _stray("iam:CreatePolicyVersion"),
    ),
    _rights(
        "CKV_AWS_111, CKV_AWS_290",
        "nothing is written everywhere, but what AWS can't narrow",
        lambda one: all(like(action, READS) or unnarrowed(action) for action in everywhere(one)),
        _stray("logs:PutRetentionPolicy"),
    ),
    _rights(
        "PassRole",
        "roles are passed by name, each to the service that it is for",
        passes_narrowly,
        _stray("iam:PassRole", Resource="arn:aws:iam::123456789012:role/one"),
    ),
    _rights(
        "SendCommand",
        "commands are sent by our own document alone, to machines that are named or tagged",
        sends_narrowly,
        _stray("ssm:SendCommand", Resource="arn:aws:ssm:eu-west-1::document/AWS-RunShellScript"),
    ),
    on_each(
        ROLE,
        ids="trust",
        title="a role is taken by those who are named, never by everybody",
        holds=trusted,
        loosened=rewritten(ROLE, "assumeRolePolicy", _anybody),
    ),
    on_each(
        ROLE,
        ids="CKV_AWS_358, aud, sub",
        title="GitHub's tokens count only for one audience and one exact branch or environment",
        among=federated,
        holds=github,
        loosened=rewritten(ROLE, "assumeRolePolicy", _any_repository),
    ),
    Check(
        ids="CKV_AWS_274",
        title="no policy of AWS's own is attached to a role",
        about=lambda resources: of(resources, ROLE),
        open_in=lambda resources: [
            one for one in of(resources, ATTACHED) if ":iam::aws:" in one.get("policyArn", "")
        ],
        loosened=with_one(ATTACHED, policyArn="arn:aws:iam::aws:policy/AdministratorAccess"),
    ),
)

REASONS: tuple[Reason, ...] = ()
