"""CloudWatch Logs: log groups."""

from offline.plugin.naming import present
from offline.plugin.table import TAGS, Property, ResourceType
from offline.plugin.wire import State

from .call import REGION, Call
from .tags import retag_arn


def _create(call: Call) -> str:
    name: str = call.props["name"]
    call.client("logs").create_log_group(
        logGroupName=name,
        **present(
            kmsKeyId=call.props.get("kmsKeyId"),
            logGroupClass=call.props.get("logGroupClass"),
            tags=dict(call.tags) or None,
        ),
    )
    return name


def _retain(call: Call) -> None:
    """Zero, as without a setting: events never expire."""
    logs, days = call.client("logs"), call.props.get("retentionInDays")
    if days:
        logs.put_retention_policy(logGroupName=call.id, retentionInDays=int(days))
    elif call.olds:
        logs.delete_retention_policy(logGroupName=call.id)


def _read(call: Call) -> State | None:
    logs = call.client("logs")
    pages = logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=call.id)
    found = [each for page in pages for each in page["logGroups"]]
    told = next((each for each in found if each["logGroupName"] == call.id), None)
    if told is None:
        return None
    arn = told["arn"].removesuffix(":*")
    return {
        "arn": arn,
        "kmsKeyId": told.get("kmsKeyId"),
        "logGroupClass": told.get("logGroupClass") or "STANDARD",
        "name": call.id,
        "retentionInDays": told.get("retentionInDays", 0),
        "tags": logs.list_tags_for_resource(resourceArn=arn).get("tags") or {},
    }


def _update(call: Call, changed: frozenset[str]) -> None:
    logs = call.client("logs")
    if "retentionInDays" in changed:
        _retain(call)
    if "kmsKeyId" in changed:
        if key := call.props.get("kmsKeyId"):
            logs.associate_kms_key(logGroupName=call.id, kmsKeyId=key)
        else:
            logs.disassociate_kms_key(logGroupName=call.id)
    if "tagsAll" in changed:
        retag_arn(call, logs, dict(call.tags))


def _delete(call: Call) -> None:
    if not call.props.get("skipDestroy"):
        call.client("logs").delete_log_group(logGroupName=call.id)


LOG_GROUP = ResourceType(
    "aws:cloudwatch/logGroup:LogGroup",
    properties={
        "name": Property(replaces=True, named="hex"),
        "kmsKeyId": Property(),
        "logGroupClass": Property(computed=True, replaces=True),
        "retentionInDays": Property(default=0),
        "skipDestroy": Property(default=False),
        "region": REGION,
        "tags": TAGS,
    },
    outputs=frozenset({"arn", "tagsAll"}),
    create=_create,
    complete=_retain,
    read=_read,
    update=_update,
    delete=_delete,
)
