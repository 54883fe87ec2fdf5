"""ECR Public: repositories, in us-east-1 alone."""

from typing import Any

from botocore.exceptions import ClientError

from offline.plugin.naming import picked, present
from offline.plugin.table import TAGS, Property, ResourceType
from offline.plugin.wire import State

from .call import REGION, Call
from .tags import retag_arn, tag_list, tag_map
from .waiting import error_code

_WORDS = ("aboutText", "architectures", "description", "operatingSystems", "usageText")
_CATALOG = Property(
    "block",
    fields={
        **dict.fromkeys(("aboutText", "description", "logoImageBlob", "usageText"), Property()),
        **dict.fromkeys(("architectures", "operatingSystems"), Property("set")),
    },
)
_PATHS = {
    "arn": "repositoryArn",
    "repositoryName": "repositoryName",
    "registryId": "registryId",
    "repositoryUri": "repositoryUri",
}


def _create(call: Call) -> str:
    answer = call.client("ecr-public").create_repository(
        repositoryName=call.props["repositoryName"],
        tags=tag_list(call.tags),
        **present(catalogData=_catalog_wanted(call)),
    )
    return str(answer["repository"]["repositoryName"])


def _read(call: Call) -> State:
    ecr = call.client("ecr-public")
    told = ecr.describe_repositories(repositoryNames=[call.id])["repositories"][0]
    tags = ecr.list_tags_for_resource(resourceArn=told["repositoryArn"])["tags"]
    return {
        **picked(_PATHS, told),
        "catalogData": _catalog_told(ecr, call),
        "tags": tag_map(tags),
    }


def _update(call: Call, changed: frozenset[str]) -> None:
    ecr = call.client("ecr-public")
    if "catalogData" in changed:
        ecr.put_repository_catalog_data(
            repositoryName=call.id, catalogData=_catalog_wanted(call) or {}
        )
    if "tagsAll" in changed:
        retag_arn(call, ecr, tag_list(call.tags))


def _delete(call: Call) -> None:
    force = bool(call.props.get("forceDestroy"))
    call.client("ecr-public").delete_repository(repositoryName=call.id, force=force)


def _catalog_wanted(call: Call) -> State | None:
    given = call.props.get("catalogData")
    return present(**given) if given else None


def _catalog_told(ecr: Any, call: Call) -> State | None:
    """What AWS tells; the logo, which it never gives back, as the program wants it."""
    try:
        told = ecr.get_repository_catalog_data(repositoryName=call.id)["catalogData"]
    except ClientError as error:
        if error_code(error) != "RepositoryCatalogDataNotFoundException":
            raise
        return None
    logo = (call.props.get("catalogData") or {}).get("logoImageBlob")
    found = {name: told[name] for name in _WORDS if told.get(name)}
    return {**found, **present(logoImageBlob=logo)} or None


PUBLIC_REPOSITORY = ResourceType(
    "aws:ecrpublic/repository:Repository",
    properties={
        "repositoryName": Property(required=True, replaces=True),
        "catalogData": _CATALOG,
        "forceDestroy": Property(),
        "region": REGION,
        "tags": TAGS,
    },
    outputs=frozenset({"arn", "registryId", "repositoryUri", "tagsAll"}),
    create=_create,
    read=_read,
    update=_update,
    delete=_delete,
)
