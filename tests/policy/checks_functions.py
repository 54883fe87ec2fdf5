"""Checks of Lambda, and of all logs."""

from __future__ import annotations

from tests.policy.check import Check, Reason, on_each
from tests.policy.resources import put, with_one

FUNCTION = "aws:lambda/function:Function"
PERMISSION = "aws:lambda/permission:Permission"
ADDRESS = "aws:lambda/functionUrl:FunctionUrl"
LOGS = "aws:cloudwatch/logGroup:LogGroup"

CHECKS: tuple[Check, ...] = (
    on_each(
        FUNCTION,
        ids="CKV_AWS_50",
        title="a function takes part in traces; it begins some with `tracing: true`",
        holds=lambda one: one.get("tracingConfig.mode") in ("Active", "PassThrough"),
        loosened=put(FUNCTION, "tracingConfig", None),
    ),
    on_each(
        FUNCTION,
        ids="CKV_AWS_115",
        title="a function has a limit of its own for concurrent runs",
        holds=lambda one: int(one.get("reservedConcurrentExecutions", -1)) >= 0,
        loosened=put(FUNCTION, "reservedConcurrentExecutions", None),
        accepted="a limit is taken from the account's 1000 (10 in a new one); `concurrency`",
    ),
    on_each(
        FUNCTION,
        ids="CKV_AWS_173",
        title="a function's environment is encrypted with a KMS key",
        holds=lambda one: bool(one.get("kmsKeyArn")) or not one.get("environment"),
        loosened=put(FUNCTION, "kmsKeyArn", None),
        accepted="it holds no secret, only where one lies; Lambda's own encryption; `logs.key`",
    ),
    on_each(
        PERMISSION,
        ids="CKV_AWS_364, CKV_AWS_301, Lambda.1",
        title="only callers that AWS knows may invoke a function, unless it is `url: public`",
        holds=lambda one: one.get("principal") != "*",
        loosened=with_one(PERMISSION, principal="*", action="lambda:InvokeFunction"),
        accepted="`url: public` asks for it",
    ),
    on_each(
        ADDRESS,
        ids="CKV_AWS_258",
        title="a function's address wants credentials of AWS",
        holds=lambda one: one.get("authorizationType") == "AWS_IAM",
        loosened=put(ADDRESS, "authorizationType", "NONE"),
        accepted="`url: public` asks for it",
    ),
    on_each(
        LOGS,
        ids="CKV_AWS_66",
        title="logs are kept for a time that is said",
        holds=lambda one: int(one.get("retentionInDays", 0)) > 0,
        loosened=put(LOGS, "retentionInDays", None),
    ),
    on_each(
        LOGS,
        ids="CKV_AWS_158",
        title="logs are encrypted with a KMS key",
        holds=lambda one: bool(one.get("kmsKeyId")),
        loosened=put(LOGS, "kmsKeyId", None),
        accepted="CloudWatch's own encryption by default: a key costs, and its policy must let "
        "CloudWatch in; `logs.key`",
    ),
)

REASONS = (
    Reason(
        ids="CKV_AWS_116",
        title="a function has a dead letter queue",
        reason="it is for events that come asynchronously; slipway makes no event source, and "
        "invokes with an answer. Whoever adds one adds its destination there",
    ),
    Reason(
        ids="CKV_AWS_272",
        title="a function's code is signed",
        reason="Lambda signs zip archives; functions of slipway are images, run by digest",
    ),
    Reason(
        ids="CKV_AWS_338",
        title="logs are kept for a year",
        reason="costs by the byte; `retention_days` of a service, 30 by default",
    ),
)
