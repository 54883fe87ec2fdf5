"""Which AWS service takes a role, and on whose behalf."""

from __future__ import annotations

import re
from typing import Any, Literal

from components.documents.grammar import check
from components.documents.statements import document

Principal = Literal["ecs-tasks", "events", "lambda"]
"""The AWS service that takes a role."""

_SOURCE = (
    r"arn:aws[a-z-]*:(ecs:[a-z0-9-]+:[0-9]{12}:\*|"
    r"events:[a-z0-9-]+:[0-9]{12}:rule/[A-Za-z0-9._-]+)"
)


def trust_policy(
    principal: Principal, *, account: str | None = None, source_arn: str | None = None
) -> str:
    """Lets one AWS service take a role; with an account only on behalf of that one, with a source
    only for what has that ARN.

    ECS, which names no narrower source than itself in an account and region:
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
    EventBridge, whose source is the rule:
    https://docs.aws.amazon.com/eventbridge/latest/userguide/cross-service-confused-deputy-prevention.html
    Lambda's page on execution roles promises neither. Raises `ValueError` for what is none.
    """
    statement: dict[str, Any] = {
        "Sid": "OnlyThisService",
        "Effect": "Allow",
        "Principal": {"Service": f"{principal}.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    condition: dict[str, Any] = {}
    if account is not None:
        condition["StringEquals"] = {"aws:SourceAccount": check("account", account)}
    if source_arn is not None:
        condition["ArnLike"] = {"aws:SourceArn": _checked(source_arn)}
    return document([{**statement, "Condition": condition} if condition else statement])


def _checked(source_arn: str) -> str:
    if not re.fullmatch(_SOURCE, source_arn):
        raise ValueError(f"{source_arn!r} is not the ARN of a source; allowed: {_SOURCE}")
    return source_arn
