"""Systems Manager documents."""

import hashlib

from botocore.exceptions import ClientError

from offline.plugin.naming import picked, present
from offline.plugin.table import TAGS, Property, ResourceType
from offline.plugin.wire import State

from .call import REGION, Call
from .tags import retag, tag_list, tag_map
from .waiting import error_code

_PATHS = {
    "defaultVersion": "DefaultVersion",
    "description": "Description",
    "documentFormat": "DocumentFormat",
    "documentType": "DocumentType",
    "documentVersion": "DocumentVersion",
    "hash": "Hash",
    "hashType": "HashType",
    "latestVersion": "LatestVersion",
    "name": "Name",
    "owner": "Owner",
    "platformTypes": "PlatformTypes",
    "schemaVersion": "SchemaVersion",
    "status": "Status",
    "targetType": "TargetType",
    "versionName": "VersionName",
}
_PARAMETER = {
    "name": "Name",
    "type": "Type",
    "description": "Description",
    "defaultValue": "DefaultValue",
}
_OF_CONTENT = frozenset(
    {
        "createdDate",
        "defaultVersion",
        "description",
        "documentVersion",
        "hash",
        "latestVersion",
        "parameters",
        "platformTypes",
        "schemaVersion",
        "status",
    }
)


def _create(call: Call) -> str:
    props = call.props
    call.client("ssm").create_document(
        Name=props["name"],
        Content=props["content"],
        DocumentType=props["documentType"],
        DocumentFormat=props["documentFormat"],
        Tags=tag_list(call.tags),
        **present(TargetType=props.get("targetType"), VersionName=props.get("versionName")),
    )
    return str(props["name"])


def document_arn(call: Call, name: str) -> str:
    """The document's ARN, which the API does not tell."""
    return f"arn:aws:ssm:{call.region}:{call.cloud.account()}:document/{name}"


def _read(call: Call) -> State:
    ssm = call.client("ssm")
    told = ssm.describe_document(Name=call.id)["Document"]
    content = ssm.get_document(
        Name=call.id, DocumentVersion=told["DefaultVersion"], DocumentFormat=told["DocumentFormat"]
    )["Content"]
    tags = ssm.list_tags_for_resource(ResourceType="Document", ResourceId=call.id)["TagList"]
    state = picked(_PATHS, told)
    return {
        **state,
        "arn": document_arn(call, call.id),
        "content": content,
        "createdDate": told["CreatedDate"].isoformat(),
        "hash": told.get("Hash") or hashlib.sha256(content.encode()).hexdigest(),
        "hashType": told.get("HashType") or "Sha256",
        "parameters": [picked(_PARAMETER, item) for item in told.get("Parameters") or []],
        "tags": tag_map(tags),
    }


def _update(call: Call, changed: frozenset[str]) -> None:
    ssm = call.client("ssm")
    if "tagsAll" in changed:
        target = {"ResourceType": "Document", "ResourceId": call.id}
        retag(call, ssm.add_tags_to_resource, ssm.remove_tags_from_resource, target)
    if changed & {"content", "documentFormat", "targetType", "versionName"}:
        ssm.update_document_default_version(Name=call.id, DocumentVersion=_new_version(call))


def _new_version(call: Call) -> str:
    ssm, props = call.client("ssm"), call.props
    try:
        answer = ssm.update_document(
            Name=call.id,
            Content=props["content"],
            DocumentFormat=props["documentFormat"],
            DocumentVersion="$LATEST",
            **present(TargetType=props.get("targetType"), VersionName=props.get("versionName")),
        )
    except ClientError as error:
        if error_code(error) != "DuplicateDocumentContent":
            raise
        return str(ssm.describe_document(Name=call.id)["Document"]["LatestVersion"])
    return str(answer["DocumentDescription"]["DocumentVersion"])


def _delete(call: Call) -> None:
    call.client("ssm").delete_document(Name=call.id)


TYPES = (
    ResourceType(
        "aws:ssm/document:Document",
        properties={
            "name": Property(replaces=True, named="hex"),
            "content": Property("document", required=True),
            "documentType": Property(required=True, replaces=True),
            "documentFormat": Property(default="JSON"),
            "targetType": Property(),
            "versionName": Property(),
            "region": REGION,
            "tags": TAGS,
        },
        outputs=frozenset({"arn", "hashType", "owner", "tagsAll", *_OF_CONTENT}),
        create=_create,
        read=_read,
        update=_update,
        delete=_delete,
        recomputed={name: frozenset({"content", "documentFormat"}) for name in _OF_CONTENT},
    ),
)
