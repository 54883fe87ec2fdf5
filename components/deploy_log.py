"""The log of what deploys print on machines."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from components.documents.log_retention import check_retention
from components.documents.stack_names import host_log_group

DEPLOY_LOG_DAYS = 30
"""Days that it keeps them, if nothing else is said."""


def create_deploy_log(
    name: str, *, stack: str, days: int, key: str | None, opts: pulumi.ResourceOptions
) -> aws.cloudwatch.LogGroup:
    """Registers it. The SSM agent writes it, and whoever deploys reads the end of what is longer
    than the 24,000 characters that Systems Manager keeps.

    Raises `ValueError` for days that CloudWatch doesn't know.
    """
    return aws.cloudwatch.LogGroup(
        f"{name}-deploys",
        name=host_log_group(stack),
        retention_in_days=check_retention(days),
        kms_key_id=key,
        opts=opts,
    )
