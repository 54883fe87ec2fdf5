"""ECR: repositories and their lifecycle policies."""

from typing import Any

from offline.plugin.naming import from_api, picked, present
from offline.plugin.table import TAGS, Property, ResourceType
from offline.plugin.wire import State

from .call import REGION, Call
from .tags import retag_arn, tag_list, tag_map

_FILTERS = Property(
    "blockset",
    fields={"filter": Property(required=True), "filterType": Property(required=True)},
)
_SCANNING = Property("block", fields={"scanOnPush": Property(required=True)})
_ENCRYPTION = Property(
    "blocks",
    computed=True,
    replaces=True,
    fields={"encryptionType": Property(computed=True), "kmsKey": Property(computed=True)},
)

REPOSITORY_PATHS = {
    "arn": "repositoryArn",
    "name": "repositoryName",
    "registryId": "registryId",
    "repositoryUrl": "repositoryUri",
    "imageTagMutability": "imageTagMutability",
    "imageTagMutabilityExclusionFilters": "imageTagMutabilityExclusionFilters",
    "imageScanningConfiguration": "imageScanningConfiguration",
}


def _create_repository(call: Call) -> str:
    encryption = (call.props.get("encryptionConfigurations") or [None])[0]
    answer = call.client("ecr").create_repository(
        repositoryName=call.props["name"],
        tags=tag_list(call.tags),
        **present(
            imageTagMutability=call.props.get("imageTagMutability"),
            imageTagMutabilityExclusionFilters=call.props.get("imageTagMutabilityExclusionFilters"),
            imageScanningConfiguration=call.props.get("imageScanningConfiguration"),
            encryptionConfiguration=encryption,
        ),
    )
    return str(answer["repository"]["repositoryName"])


def describe_repository(ecr: Any, name: str) -> State:
    """The repository's properties; raises RepositoryNotFoundException."""
    told = ecr.describe_repositories(repositoryNames=[name])["repositories"][0]
    encryption = told.get("encryptionConfiguration")
    tags = ecr.list_tags_for_resource(resourceArn=told["repositoryArn"])["tags"]
    return {
        **picked(REPOSITORY_PATHS, told),
        "encryptionConfigurations": [from_api(encryption)] if encryption else [],
        "tags": tag_map(tags),
    }


def _update_repository(call: Call, changed: frozenset[str]) -> None:
    ecr = call.client("ecr")
    if changed & {"imageTagMutability", "imageTagMutabilityExclusionFilters"}:
        ecr.put_image_tag_mutability(
            repositoryName=call.id,
            imageTagMutability=call.props["imageTagMutability"],
            **present(
                imageTagMutabilityExclusionFilters=call.props.get(
                    "imageTagMutabilityExclusionFilters"
                )
                or None
            ),
        )
    if "imageScanningConfiguration" in changed:
        ecr.put_image_scanning_configuration(
            repositoryName=call.id,
            imageScanningConfiguration=call.props.get("imageScanningConfiguration")
            or {"scanOnPush": False},
        )
    if "tagsAll" in changed:
        retag_arn(call, ecr, tag_list(call.tags))


def _delete_repository(call: Call) -> None:
    force = bool(call.props.get("forceDelete"))
    call.client("ecr").delete_repository(repositoryName=call.id, force=force)


def _put_policy(call: Call) -> str:
    name: str = call.props["repository"]
    call.client("ecr").put_lifecycle_policy(
        repositoryName=name, lifecyclePolicyText=call.props["policy"]
    )
    return name


def _read_policy(call: Call) -> State:
    told = call.client("ecr").get_lifecycle_policy(repositoryName=call.id)
    return picked(
        {
            "repository": "repositoryName",
            "registryId": "registryId",
            "policy": "lifecyclePolicyText",
        },
        told,
    )


def _update_policy(call: Call, changed: frozenset[str]) -> None:
    if "policy" in changed:
        _put_policy(call)


def _delete_policy(call: Call) -> None:
    call.client("ecr").delete_lifecycle_policy(repositoryName=call.id)


TYPES = (
    ResourceType(
        "aws:ecr/repository:Repository",
        properties={
            "name": Property(replaces=True, named="hex-lower"),
            "imageTagMutability": Property(default="MUTABLE"),
            "imageTagMutabilityExclusionFilters": _FILTERS,
            "imageScanningConfiguration": _SCANNING,
            "encryptionConfigurations": _ENCRYPTION,
            "forceDelete": Property(),
            "region": REGION,
            "tags": TAGS,
        },
        outputs=frozenset({"arn", "registryId", "repositoryUrl", "tagsAll"}),
        create=_create_repository,
        read=lambda call: describe_repository(call.client("ecr"), call.id),
        update=_update_repository,
        delete=_delete_repository,
    ),
    ResourceType(
        "aws:ecr/lifecyclePolicy:LifecyclePolicy",
        properties={
            "repository": Property(required=True, replaces=True),
            "policy": Property("json", required=True),
            "region": REGION,
        },
        outputs=frozenset({"registryId"}),
        create=_put_policy,
        read=_read_policy,
        update=_update_policy,
        delete=_delete_policy,
    ),
)
