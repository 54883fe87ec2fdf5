"""The preferences of Session Manager, and what logging a session takes, as JSON texts."""

from __future__ import annotations

import json
import re
from typing import Any

from components.documents.statements import Statement, allow, document

PREFERENCES = "SSM-SessionManagerRunShell"
"""The one document that Session Manager reads in an account and region:
https://docs.aws.amazon.com/systems-manager/latest/userguide/getting-started-create-preferences-cli.html"""

LOG_GROUP = "/slipway/sessions"
"""Where the sessions of an account and region are logged."""

IDLE_MINUTES = 20
"""Minutes after which a session that nobody types in ends; AWS knows 1 to 60."""

_KEY = r"arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+"
_GROUP = r"arn:aws[a-z-]*:logs:[a-z0-9-]+:[0-9]{12}:log-group:[A-Za-z0-9_/.#-]+"


def session_document(*, key: str | None = None, idle_minutes: int = IDLE_MINUTES) -> str:
    """What every session does: it is logged as it goes on, and ends when nobody types.

    With a KMS key (ARN) the session is encrypted with it on its way, and refused if its log
    weren't. Raises `ValueError` for what is no key, and for minutes that AWS doesn't know.
    """
    if not 1 <= idle_minutes <= 60:
        raise ValueError(f"idle_minutes {idle_minutes}; allowed: 1 to 60")
    inputs: dict[str, Any] = {
        "cloudWatchEncryptionEnabled": key is not None,
        "cloudWatchLogGroupName": LOG_GROUP,
        "cloudWatchStreamingEnabled": True,
        "idleSessionTimeout": str(idle_minutes),
        "kmsKeyId": _like(_KEY, "KMS key", key) if key else "",
        "runAsDefaultUser": "",
        "runAsEnabled": False,
        "s3BucketName": "",
        "s3EncryptionEnabled": True,
        "s3KeyPrefix": "",
    }
    return json.dumps(
        {
            "schemaVersion": "1.0",
            "description": "Sessions are logged to CloudWatch",
            "sessionType": "Standard_Stream",
            "inputs": inputs,
        },
        sort_keys=True,
    )


def session_policy(*, log_group_arn: str, key: str | None = None) -> str:
    """What a machine needs for sessions that are logged: write that log alone, and use the key.

    https://docs.aws.amazon.com/systems-manager/latest/userguide/getting-started-create-iam-instance-profile.html
    Raises `ValueError` for what is no such ARN.
    """
    group = _like(_GROUP, "log group", log_group_arn)
    write = ("logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents")
    statements: list[Statement] = [
        allow("WriteSessions", write, [group, f"{group}:*"]),
        # The agent asks for all groups before it looks for its own.
        allow("FindTheLog", ("logs:DescribeLogGroups",), "*"),
    ]
    if key:
        statements.append(allow("EncryptSessions", ("kms:Decrypt",), [_like(_KEY, "KMS key", key)]))
    return document(statements)


def _like(pattern: str, what: str, value: str) -> str:
    if not re.fullmatch(pattern, value):
        raise ValueError(f"{value!r} is not the ARN of a {what}; allowed: {pattern}")
    return value
