"""What belongs to IAM roles: policies, attachments, instance profiles."""

from offline.plugin.naming import picked
from offline.plugin.table import TAGS, Property, ResourceType
from offline.plugin.wire import State

from .call import Call
from .documents import same_policy
from .iam_role import IDENTITY, document_text
from .tags import retag, tag_list, tag_map


def _put_role_policy(call: Call) -> str:
    role, name = call.props["role"], call.props["name"]
    call.client("iam").put_role_policy(
        RoleName=role, PolicyName=name, PolicyDocument=call.props["policy"]
    )
    return f"{role}:{name}"


def _read_role_policy(call: Call) -> State:
    role, _, name = call.id.partition(":")
    told = call.client("iam").get_role_policy(RoleName=role, PolicyName=name)
    return {"role": role, "name": name, "policy": document_text(told["PolicyDocument"])}


def _update_role_policy(call: Call, changed: frozenset[str]) -> None:
    if "policy" in changed:
        _put_role_policy(call)


def _delete_role_policy(call: Call) -> None:
    role, _, name = call.id.partition(":")
    call.client("iam").delete_role_policy(RoleName=role, PolicyName=name)


def _attach(call: Call) -> str:
    role, arn = call.props["role"], call.props["policyArn"]
    call.client("iam").attach_role_policy(RoleName=role, PolicyArn=arn)
    return f"{role}/{arn}"


def _read_attachment(call: Call) -> State | None:
    role, _, arn = call.id.partition("/")
    pages = call.client("iam").get_paginator("list_attached_role_policies").paginate(RoleName=role)
    arns = [policy["PolicyArn"] for page in pages for policy in page["AttachedPolicies"]]
    return {"role": role, "policyArn": arn} if arn in arns else None


def _detach(call: Call) -> None:
    role, _, arn = call.id.partition("/")
    call.client("iam").detach_role_policy(RoleName=role, PolicyArn=arn)


def _create_profile(call: Call) -> str:
    answer = call.client("iam").create_instance_profile(
        InstanceProfileName=call.props["name"],
        Path=call.props["path"],
        Tags=tag_list(call.tags),
    )
    return str(answer["InstanceProfile"]["InstanceProfileName"])


def _fill_profile(call: Call) -> None:
    if role := call.props.get("role"):
        call.client("iam").add_role_to_instance_profile(InstanceProfileName=call.id, RoleName=role)


def _read_profile(call: Call) -> State:
    told = call.client("iam").get_instance_profile(InstanceProfileName=call.id)["InstanceProfile"]
    paths = {
        "arn": "Arn",
        "name": "InstanceProfileName",
        "path": "Path",
        "uniqueId": "InstanceProfileId",
        "role": "Roles[0].RoleName",
    }
    return {
        **picked(paths, told),
        "createDate": told["CreateDate"].isoformat(),
        "tags": tag_map(told.get("Tags")),
    }


def _update_profile(call: Call, changed: frozenset[str]) -> None:
    iam = call.client("iam")
    if "role" in changed:
        if old := call.olds.get("role"):
            iam.remove_role_from_instance_profile(InstanceProfileName=call.id, RoleName=old)
        _fill_profile(call)
    if "tagsAll" in changed:
        profile = {"InstanceProfileName": call.id}
        retag(call, iam.tag_instance_profile, iam.untag_instance_profile, profile)


def _delete_profile(call: Call) -> None:
    iam = call.client("iam")
    told = iam.get_instance_profile(InstanceProfileName=call.id)["InstanceProfile"]
    for role in told.get("Roles", []):
        iam.remove_role_from_instance_profile(
            InstanceProfileName=call.id, RoleName=role["RoleName"]
        )
    iam.delete_instance_profile(InstanceProfileName=call.id)


TYPES = (
    ResourceType(
        "aws:iam/rolePolicy:RolePolicy",
        properties={
            "name": Property(replaces=True, named="hex"),
            "role": Property(required=True, replaces=True),
            "policy": Property(same_policy, required=True),
        },
        outputs=frozenset(),
        create=_put_role_policy,
        read=_read_role_policy,
        update=_update_role_policy,
        delete=_delete_role_policy,
    ),
    ResourceType(
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        properties={
            "role": Property(required=True, replaces=True),
            "policyArn": Property(required=True, replaces=True),
        },
        outputs=frozenset(),
        create=_attach,
        read=_read_attachment,
        delete=_detach,
    ),
    ResourceType(
        "aws:iam/instanceProfile:InstanceProfile",
        properties={
            "name": Property(replaces=True, named="hex"),
            "path": Property(replaces=True, default="/"),
            "role": Property(),
            "tags": TAGS,
        },
        outputs=IDENTITY,
        create=_create_profile,
        complete=_fill_profile,
        read=_read_profile,
        update=_update_profile,
        delete=_delete_profile,
    ),
)
