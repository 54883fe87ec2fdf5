"""What the roles of services may do, as JSON texts with sorted keys; no wildcard gets in."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

from components.documents.grammar import check

_ARNS = {
    "log group": r"arn:aws[a-z-]*:logs:[a-z0-9-]+:[0-9]{12}:log-group:[A-Za-z0-9_/.#-]+",
    "parameter": r"arn:aws[a-z-]*:ssm:[a-z0-9-]+:[0-9]{12}:parameter/[A-Za-z0-9_./-]+",
    "secret": r"arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@-]+",
    "key": r"arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+",
    "task definition": r"arn:aws[a-z-]*:ecs:[a-z0-9-]+:[0-9]{12}:task-definition/[A-Za-z0-9_-]+",
    "role": r"arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_/-]+",
}


def execution_policy(
    *,
    log_group_arn: str,
    repository_arn: str | None,
    secret_arns: Sequence[str] = (),
    key_arns: Sequence[str] = (),
) -> str:
    """What ECS does for a task before it runs: pull its image, write its log, read its secrets.

    `repository_arn` is None outside of private ECR; `key_arns` are KMS keys of the customer's own
    that the secrets are encrypted with. Raises `ValueError` for what is no such ARN.
    """
    return _document(
        [
            *_pulling(repository_arn),
            _logging(log_group_arn),
            *_reading(secret_arns, "ssm:GetParameters"),
            *_decrypting(key_arns),
        ]
    )


def function_policy(
    *,
    log_group_arn: str,
    secret_arns: Sequence[str] = (),
    key_arns: Sequence[str] = (),
    environment_key: str | None = None,
) -> str:
    """What a function may do itself: write its log, and read the secrets it is told of.

    `environment_key` is the KMS key of one's own (ARN) that its variables are encrypted with:
    Lambda decrypts them with the function's role. Raises `ValueError` for what is no such ARN.
    """
    return _document(
        [
            _logging(log_group_arn),
            *_reading(secret_arns, "ssm:GetParameter"),
            *_decrypting(key_arns),
            *_starting(environment_key),
        ]
    )


def schedule_policy(*, task_definition_arn: str, role_arns: Sequence[str]) -> str:
    """What EventBridge may do: run every revision of one task definition, with exactly its roles.

    `task_definition_arn` is without a revision. Raises `ValueError` for what is no such ARN.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/CWE_IAM_role.html
    """
    run = {
        "Sid": "RunThisTask",
        "Effect": "Allow",
        "Action": "ecs:RunTask",
        # A new version is a new revision, which must not need new rights.
        "Resource": f"{_arn('task definition', task_definition_arn)}:*",
    }
    give = {
        "Sid": "GiveItItsRoles",
        "Effect": "Allow",
        "Action": "iam:PassRole",
        "Resource": _arns("role", role_arns),
        "Condition": {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
    }
    return _document([run, give])


def _pulling(repository_arn: str | None) -> list[dict[str, Any]]:
    if repository_arn is None:
        return []
    check("repository ARN", repository_arn)
    return [
        # AWS knows no narrower resource for this one: the token is the caller's own.
        {
            "Sid": "LogInToRegistry",
            "Effect": "Allow",
            "Action": "ecr:GetAuthorizationToken",
            "Resource": "*",
        },
        {
            "Sid": "PullThisImage",
            "Effect": "Allow",
            # ecr:BatchCheckLayerAvailability, which AWS's managed policy has too, is for pushing:
            # https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchCheckLayerAvailability.html
            "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            "Resource": repository_arn,
        },
    ]


def _logging(log_group_arn: str) -> dict[str, Any]:
    return {
        "Sid": "WriteThisLog",
        "Effect": "Allow",
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        # The streams of the group; their names are made at run time.
        "Resource": f"{_arn('log group', log_group_arn)}:*",
    }


def _reading(arns: Iterable[str], parameter_action: str) -> list[dict[str, Any]]:
    stores = {
        "ReadTheseParameters": ("parameter", parameter_action, ":ssm:"),
        "ReadTheseSecrets": ("secret", "secretsmanager:GetSecretValue", ":secretsmanager:"),
    }
    every = sorted(set(arns))
    statements = []
    for sid, (kind, action, mark) in stores.items():
        own = [arn for arn in every if mark in arn]
        if own:
            resources = _arns(kind, own)
            statements.append(
                {"Sid": sid, "Effect": "Allow", "Action": action, "Resource": resources}
            )
    known = {arn for statement in statements for arn in statement["Resource"]}
    for stray in set(every) - known:
        _arn("secret", stray)
    return statements


def _decrypting(arns: Sequence[str]) -> list[dict[str, Any]]:
    if not arns:
        return []
    keys = _arns("key", arns)
    services = ("secretsmanager", "ssm")
    regions = sorted({arn.split(":")[3] for arn in keys})
    through = [f"{name}.{region}.amazonaws.com" for region in regions for name in services]
    return [
        {
            "Sid": "DecryptThem",
            "Effect": "Allow",
            "Action": "kms:Decrypt",
            "Resource": keys,
            # Nothing but the secrets: the same key may hold other things together.
            "Condition": {"StringEquals": {"kms:ViaService": through}},
        }
    ]


def _starting(key: str | None) -> list[dict[str, Any]]:
    if key is None:
        return []
    region = _arn("key", key).split(":")[3]
    return [
        {
            "Sid": "DecryptVariables",
            "Effect": "Allow",
            "Action": "kms:Decrypt",
            "Resource": key,
            "Condition": {"StringEquals": {"kms:ViaService": f"lambda.{region}.amazonaws.com"}},
        }
    ]


def _arns(kind: str, arns: Iterable[str]) -> list[str]:
    return sorted({_arn(kind, arn) for arn in arns})


def _arn(kind: str, arn: str) -> str:
    if not re.fullmatch(_ARNS[kind], arn):
        raise ValueError(f"{arn!r} is not the ARN of a {kind}; allowed: {_ARNS[kind]}")
    return arn


def _document(statements: list[dict[str, Any]]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, sort_keys=True)
