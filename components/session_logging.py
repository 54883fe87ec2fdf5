"""The log of Session Manager's sessions: who typed what on a machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components.documents.log_retention import check_retention
from components.documents.session_document import (
    LOG_GROUP,
    PREFERENCES,
    session_document,
    session_policy,
)


@dataclass(frozen=True, kw_only=True)
class SessionLoggingArgs:
    """Whose the account's preferences are, and how long sessions are kept."""

    region: str
    """AWS region; preferences and log are the region's."""
    create: bool = True
    """Whether this stack owns them: one stack of an account and region alone can."""
    retention_days: int = 365
    """Days that sessions are kept, of those that CloudWatch knows."""
    key: str | None = None
    """ARN of a KMS key for sessions and their log; its policy must let CloudWatch Logs use it."""
    protect: bool = False
    """Pulumi refuses to delete the log."""


class SessionLogging(pulumi.ComponentResource):
    """Makes the preferences of Session Manager and its log, or takes those that another stack
    made; gives back the log's ARN. Destroying it keeps the log."""

    log_group_arn: pulumi.Output[str]
    """ARN of the log group `/slipway/sessions`."""

    def __init__(
        self, name: str, args: SessionLoggingArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """`name` is the logical name. Raises `ValueError` for days that CloudWatch doesn't know."""
        super().__init__("slipway:index:SessionLogging", name, None, opts)
        self._name, self._key = name, args.key
        check_retention(args.retention_days)
        if args.create:
            group = self._create_log_group(args)
            self._create_preferences(args, group)
            self.log_group_arn = group.arn
        else:
            who = aws.get_caller_identity_output(opts=pulumi.InvokeOutputOptions(parent=self))
            self.log_group_arn = pulumi.Output.format(
                "arn:aws:logs:{0}:{1}:log-group:{2}", args.region, who.account_id, LOG_GROUP
            )
        self.register_outputs({"log_group_arn": self.log_group_arn})

    def allow_writing(self, role_name: pulumi.Input[str]) -> aws.iam.RolePolicy:
        """Lets the machines of a role write their sessions."""

        def policy(values: Sequence[Any]) -> str:
            return session_policy(log_group_arn=str(values[0]), key=self._key)

        return aws.iam.RolePolicy(
            f"{self._name}-sessions-policy",
            role=role_name,
            policy=pulumi.Output.all(self.log_group_arn).apply(policy),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _create_log_group(self, args: SessionLoggingArgs) -> aws.cloudwatch.LogGroup:
        return aws.cloudwatch.LogGroup(
            f"{self._name}-sessions",
            name=LOG_GROUP,
            retention_in_days=args.retention_days,
            kms_key_id=args.key,
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect, retain_on_delete=True),
        )

    def _create_preferences(self, args: SessionLoggingArgs, group: aws.cloudwatch.LogGroup) -> None:
        # A session that finds no log is refused: the log comes first.
        aws.ssm.Document(
            f"{self._name}-preferences",
            name=PREFERENCES,
            document_type="Session",
            document_format="JSON",
            content=session_document(key=args.key),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[group]),
        )
