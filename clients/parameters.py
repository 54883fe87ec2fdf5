"""Parameter Store, without the values."""

from __future__ import annotations

from clients.aws import AwsAccess, client, translated


def versions_below(access: AwsAccess, path: str) -> dict[str, int]:
    """The version of each parameter directly below a path. Raises AwsError.

    DescribeParameters tells no value; GetParametersByPath would tell those that are no secrets.
    """
    chosen = [{"Key": "Path", "Option": "OneLevel", "Values": [path.rstrip("/") or "/"]}]
    with translated(f"listing the parameters below {path}"):
        pages = client(access, "ssm").get_paginator("describe_parameters")
        return {
            str(each["Name"]): int(each["Version"])
            for page in pages.paginate(ParameterFilters=chosen)
            for each in page["Parameters"]
        }
