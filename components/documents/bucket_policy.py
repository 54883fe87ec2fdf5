"""Who may speak to the bucket of bundles and records, and how."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from components.documents.grammar import check


def bucket_policy(bucket: str, readers: Sequence[str] = ()) -> str:
    """Refuses everyone who speaks to the bucket without TLS, or with a version before 1.2, and who
    would write over a bundle, a claimed name or a record without having seen it; lets `readers`
    (accounts of 12 digits) read its records, and nothing else of it.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html
    Raises `ValueError` for what is no bucket or account.
    """
    check("bucket", bucket)
    resources = [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": resources}
    statements = (
        {"Sid": "TlsOnly", **deny, "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
        {"Sid": "NoOldTls", **deny, "Condition": {"NumericLessThan": {"s3:TlsVersion": "1.2"}}},
        _written_once("BundlesAndNamesOnce", bucket, ("bundles", "names"), ("s3:if-none-match",)),
        _written_once(
            "RecordsUnderACondition", bucket, ("records",), ("s3:if-match", "s3:if-none-match")
        ),
        *_records_for(bucket, readers),
    )
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)}, sort_keys=True)


def _written_once(
    sid: str, bucket: str, folders: Sequence[str], headers: Sequence[str]
) -> dict[str, Any]:
    return {
        "Sid": sid,
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:PutObject",
        "Resource": [f"arn:aws:s3:::{bucket}/{folder}/*" for folder in folders],
        "Condition": {
            "Null": dict.fromkeys(headers, "true"),
            # The parts of an upload in parts take no such header; its end does.
            "Bool": {"s3:ObjectCreationOperation": "true"},
        },
    }


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
