"""IAM roles."""

import json
from typing import Any

from offline.plugin.naming import picked, present
from offline.plugin.table import TAGS, Property, ResourceType
from offline.plugin.wire import State

from .call import Call
from .documents import same_policy
from .tags import retag, tag_list, tag_map


def _create_role(call: Call) -> str:
    props = call.props
    answer = call.client("iam").create_role(
        RoleName=props["name"],
        AssumeRolePolicyDocument=props["assumeRolePolicy"],
        Tags=tag_list(call.tags),
        **present(
            Path=props.get("path"),
            Description=props.get("description"),
            MaxSessionDuration=props.get("maxSessionDuration"),
            PermissionsBoundary=props.get("permissionsBoundary"),
        ),
    )
    return str(answer["Role"]["RoleName"])


def _read_role(call: Call) -> State:
    told = call.client("iam").get_role(RoleName=call.id)["Role"]
    paths = {
        "arn": "Arn",
        "name": "RoleName",
        "path": "Path",
        "uniqueId": "RoleId",
        "description": "Description",
        "maxSessionDuration": "MaxSessionDuration",
        "permissionsBoundary": "PermissionsBoundary.PermissionsBoundaryArn",
    }
    return {
        **picked(paths, told),
        "assumeRolePolicy": document_text(told["AssumeRolePolicyDocument"]),
        "createDate": told["CreateDate"].isoformat(),
        "tags": tag_map(told.get("Tags")),
    }


def _update_role(call: Call, changed: frozenset[str]) -> None:
    iam, props = call.client("iam"), call.props
    if "assumeRolePolicy" in changed:
        iam.update_assume_role_policy(RoleName=call.id, PolicyDocument=props["assumeRolePolicy"])
    if changed & {"description", "maxSessionDuration"}:
        iam.update_role(
            RoleName=call.id,
            Description=props.get("description") or "",
            MaxSessionDuration=props["maxSessionDuration"],
        )
    if "permissionsBoundary" in changed:
        if boundary := props.get("permissionsBoundary"):
            iam.put_role_permissions_boundary(RoleName=call.id, PermissionsBoundary=boundary)
        else:
            iam.delete_role_permissions_boundary(RoleName=call.id)
    if "tagsAll" in changed:
        retag(call, iam.tag_role, iam.untag_role, {"RoleName": call.id})


def _delete_role(call: Call) -> None:
    iam = call.client("iam")
    for profile in iam.list_instance_profiles_for_role(RoleName=call.id)["InstanceProfiles"]:
        iam.remove_role_from_instance_profile(
            InstanceProfileName=profile["InstanceProfileName"], RoleName=call.id
        )
    if call.props.get("forceDetachPolicies"):
        for policy in iam.list_attached_role_policies(RoleName=call.id)["AttachedPolicies"]:
            iam.detach_role_policy(RoleName=call.id, PolicyArn=policy["PolicyArn"])
        for name in iam.list_role_policies(RoleName=call.id)["PolicyNames"]:
            iam.delete_role_policy(RoleName=call.id, PolicyName=name)
    iam.delete_role(RoleName=call.id)


def document_text(document: Any) -> str:
    """A policy document as text; boto3 parses some of them."""
    return document if isinstance(document, str) else json.dumps(document)


IDENTITY = frozenset({"arn", "createDate", "tagsAll", "uniqueId"})

ROLE = ResourceType(
    "aws:iam/role:Role",
    properties={
        "name": Property(replaces=True, named="hex"),
        "assumeRolePolicy": Property(same_policy, required=True),
        "description": Property(),
        "forceDetachPolicies": Property(default=False),
        "maxSessionDuration": Property(default=3600),
        "path": Property(replaces=True, default="/"),
        "permissionsBoundary": Property(),
        "tags": TAGS,
    },
    outputs=IDENTITY,
    create=_create_role,
    read=_read_role,
    update=_update_role,
    delete=_delete_role,
)
