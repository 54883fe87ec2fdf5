"""IAM and bucket policies, as JSON texts with sorted keys."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from components.documents.grammar import check

SSM_CORE = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
"""AWS's own policy for the SSM agent: commands, sessions, inventory; no access to data of ours."""


def ec2_trust_policy() -> str:
    """Lets EC2 machines, and nobody else, take a role."""
    return _document(
        {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Principal": {"Service": "ec2.amazonaws.com"},
        }
    )


def host_policy(*, bucket: str, stack: str, repository_arns: Sequence[str]) -> str:
    """What a host may do: read this stack's bundles, and pull from the given repositories alone.

    Raises `ValueError` for a bucket, a stack or an ARN that isn't one, so for a wildcard too.
    """
    check("bucket", bucket)
    check("stack", stack)
    statements: list[dict[str, Any]] = [
        {
            "Sid": "ReadBundles",
            "Effect": "Allow",
            "Action": "s3:GetObject",
            "Resource": f"arn:aws:s3:::{bucket}/bundles/{stack}/*",
        }
    ]
    arns = sorted({check("repository ARN", arn) for arn in repository_arns})
    if arns:
        statements += [
            # AWS knows no narrower resource for this one: the token is the caller's own.
            {
                "Sid": "LogInToRegistry",
                "Effect": "Allow",
                "Action": "ecr:GetAuthorizationToken",
                "Resource": "*",
            },
            {
                "Sid": "PullImages",
                "Effect": "Allow",
                "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
                "Resource": arns,
            },
        ]
    return _document(*statements)


def bucket_policy(bucket: str, readers: Sequence[str] = ()) -> str:
    """Refuses everyone who speaks to the bucket without TLS, or with a version before 1.2; lets
    `readers` (accounts of 12 digits) read its records, and nothing else of it.

    Raises `ValueError` for what is no bucket or account.
    """
    check("bucket", bucket)
    resources = [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": resources}
    return _document(
        {"Sid": "TlsOnly", **deny, "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
        {"Sid": "NoOldTls", **deny, "Condition": {"NumericLessThan": {"s3:TlsVersion": "1.2"}}},
        *_records_for(bucket, readers),
    )


def _records_for(bucket: str, readers: Sequence[str]) -> list[dict[str, Any]]:
    accounts = sorted({check("account", account) for account in readers})
    if not accounts:
        return []
    who = {"AWS": [f"arn:aws:iam::{account}:root" for account in accounts]}
    arn = f"arn:aws:s3:::{bucket}"
    return [
        {
            "Sid": "OtherAccountsReadRecords",
            "Effect": "Allow",
            "Principal": who,
            "Action": "s3:GetObject",
            "Resource": f"{arn}/records/*",
        },
        {
            "Sid": "OtherAccountsListRecords",
            "Effect": "Allow",
            "Principal": who,
            "Action": "s3:ListBucket",
            "Resource": arn,
        },
    ]


def _document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)}, sort_keys=True)
