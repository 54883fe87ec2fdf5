"""What a repository lets other accounts do."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable


def readers_policy(accounts: Iterable[str]) -> str:
    """Lets other accounts pull, and nothing else. Raises `ValueError` for what is no account."""
    wanted = sorted(set(accounts))
    for account in wanted:
        if not re.fullmatch(r"[0-9]{12}", account):
            raise ValueError(f"{account!r} is not an AWS account; allowed: 12 digits")
    statement = {
        "Sid": "OtherAccountsPull",
        "Effect": "Allow",
        "Principal": {"AWS": [f"arn:aws:iam::{account}:root" for account in wanted]},
        "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, sort_keys=True)
