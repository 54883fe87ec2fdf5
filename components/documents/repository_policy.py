"""What a repository lets others do."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from components.documents.grammar import check

_PULL = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]


def readers_policy(
    accounts: Iterable[str], *, functions_of: str | None = None, region: str = ""
) -> str:
    """Lets other accounts pull, and nothing else.

    With `functions_of` (an account) and its region, Lambda may pull for that account's functions.
    AWS adds this statement itself to a repository without a policy of ours, under this very name:
    https://docs.aws.amazon.com/lambda/latest/dg/images-create.html#gettingstarted-images-permissions

    Raises `ValueError` for what is no account or region.
    """
    readers = sorted({_account(account) for account in accounts})
    statements: list[dict[str, Any]] = [
        {
            "Sid": "OtherAccountsPull",
            "Effect": "Allow",
            "Principal": {"AWS": [f"arn:aws:iam::{account}:root" for account in readers]},
            "Action": _PULL,
        }
    ]
    if functions_of is not None:
        functions = f"arn:aws:lambda:{check('region', region)}:{_account(functions_of)}:function:*"
        statements.append(
            {
                "Sid": "LambdaECRImageRetrievalPolicy",
                "Effect": "Allow",
                "Principal": {"Service": "lambda.amazonaws.com"},
                "Action": _PULL,
                "Condition": {"StringLike": {"aws:sourceArn": functions}},
            }
        )
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, sort_keys=True)


def _account(text: str) -> str:
    try:
        return check("account", text)
    except ValueError:
        raise ValueError(f"{text!r} is not an AWS account; allowed: 12 digits") from None
