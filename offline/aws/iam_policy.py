"""IAM policies that stand for themselves, with their versions."""

from typing import Any

from offline.plugin.naming import picked, present
from offline.plugin.table import TAGS, Property, ResourceType
from offline.plugin.wire import State

from .call import Call
from .documents import same_policy
from .iam_role import document_text
from .tags import retag, tag_list, tag_map

MOST_VERSIONS = 5
"""AWS keeps no more of one policy."""


def _create(call: Call) -> str:
    answer = call.client("iam").create_policy(
        PolicyName=call.props["name"],
        PolicyDocument=call.props["policy"],
        Path=call.props["path"],
        Tags=tag_list(call.tags),
        **present(Description=call.props.get("description")),
    )
    return str(answer["Policy"]["Arn"])


def _read(call: Call) -> State:
    iam = call.client("iam")
    told = iam.get_policy(PolicyArn=call.id)["Policy"]
    version = iam.get_policy_version(PolicyArn=call.id, VersionId=told["DefaultVersionId"])
    paths = {
        "arn": "Arn",
        "name": "PolicyName",
        "path": "Path",
        "policyId": "PolicyId",
        "description": "Description",
        "attachmentCount": "AttachmentCount",
    }
    return {
        **picked(paths, told),
        "policy": document_text(version["PolicyVersion"]["Document"]),
        "tags": tag_map(told.get("Tags")),
    }


def _update(call: Call, changed: frozenset[str]) -> None:
    iam = call.client("iam")
    if "policy" in changed:
        versions = _versions(iam, call.id)
        if len(versions) + 1 >= MOST_VERSIONS:
            _forget(iam, call.id, min(versions, key=lambda each: each["CreateDate"]))
        iam.create_policy_version(
            PolicyArn=call.id, PolicyDocument=call.props["policy"], SetAsDefault=True
        )
    if "tagsAll" in changed:
        retag(call, iam.tag_policy, iam.untag_policy, {"PolicyArn": call.id})


def _delete(call: Call) -> None:
    iam = call.client("iam")
    for version in _versions(iam, call.id):
        _forget(iam, call.id, version)
    iam.delete_policy(PolicyArn=call.id)


def _versions(iam: Any, arn: str) -> list[dict[str, Any]]:
    """Those that may go: all but the one in force."""
    pages = iam.get_paginator("list_policy_versions").paginate(PolicyArn=arn)
    return [each for page in pages for each in page["Versions"] if not each.get("IsDefaultVersion")]


def _forget(iam: Any, arn: str, version: dict[str, Any]) -> None:
    iam.delete_policy_version(PolicyArn=arn, VersionId=version["VersionId"])


POLICY = ResourceType(
    "aws:iam/policy:Policy",
    properties={
        "name": Property(replaces=True, named="hex"),
        "path": Property(replaces=True, default="/"),
        "description": Property(replaces=True),
        "policy": Property(same_policy, required=True),
        "tags": TAGS,
    },
    outputs=frozenset({"arn", "attachmentCount", "policyId", "tagsAll"}),
    create=_create,
    read=_read,
    update=_update,
    delete=_delete,
)
