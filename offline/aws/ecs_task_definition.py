"""ECS task definitions: every change registers a new revision."""

import json

from offline.plugin.naming import picked, present
from offline.plugin.table import TAGS, Property, ResourceType
from offline.plugin.wire import State

from .call import REGION, Call
from .ecs_containers import definitions, refuse, same_containers
from .tags import lower_tag_list, retag_arn, tag_map

_FIXED = Property(replaces=True)
_PATHS = {
    "arn": "taskDefinitionArn",
    "cpu": "cpu",
    "enableFaultInjection": "enableFaultInjection",
    "executionRoleArn": "executionRoleArn",
    "family": "family",
    "ipcMode": "ipcMode",
    "memory": "memory",
    "networkMode": "networkMode",
    "pidMode": "pidMode",
    "requiresCompatibilities": "requiresCompatibilities",
    "revision": "revision",
    "runtimePlatform": "runtimePlatform",
    "taskRoleArn": "taskRoleArn",
}
_PLAIN = ("cpu", "executionRoleArn", "ipcMode", "memory", "networkMode", "pidMode", "taskRoleArn")


def _create(call: Call) -> tuple[str, State]:
    props = call.props
    storage = props.get("ephemeralStorage")
    answer = call.client("ecs").register_task_definition(
        family=props["family"],
        containerDefinitions=definitions(props["containerDefinitions"]),
        **present(
            **{name: props.get(name) for name in _PLAIN},
            enableFaultInjection=props.get("enableFaultInjection"),
            ephemeralStorage=storage and {"sizeInGiB": storage["sizeInGib"]},
            requiresCompatibilities=props.get("requiresCompatibilities"),
            runtimePlatform=props.get("runtimePlatform"),
            tags=lower_tag_list(call.tags) or None,
            volumes=[_volume(each) for each in props.get("volumes") or []] or None,
        ),
    )
    told = answer["taskDefinition"]
    return str(told["family"]), {"arn": told["taskDefinitionArn"]}


def _volume(block: State) -> State:
    host = block.get("hostPath")
    return {"name": block["name"], **({"host": {"sourcePath": host}} if host else {})}


def _arn(call: Call) -> str:
    """The revision that this resource registered; the family where that isn't known."""
    return str(call.props.get("arn") or call.olds.get("arn") or call.id)


def _read(call: Call) -> State | None:
    asked = call.id if call.props.get("trackLatest") else _arn(call)
    answer = call.client("ecs").describe_task_definition(taskDefinition=asked, include=["TAGS"])
    told = answer["taskDefinition"]
    if told.get("status", "ACTIVE") != "ACTIVE":
        return None
    storage = told.get("ephemeralStorage")
    return {
        **picked(_PATHS, told),
        "arnWithoutRevision": told["taskDefinitionArn"].rpartition(":")[0],
        "containerDefinitions": json.dumps(told["containerDefinitions"]),
        "ephemeralStorage": {"sizeInGib": storage["sizeInGiB"]} if storage else None,
        "tags": tag_map(answer.get("tags")),
        "volumes": [
            {"name": each["name"], **present(hostPath=(each.get("host") or {}).get("sourcePath"))}
            for each in told.get("volumes") or []
        ],
    }


def _update(call: Call, changed: frozenset[str]) -> None:
    if "tagsAll" in changed:
        retag_arn(call, call.client("ecs"), lower_tag_list(call.tags))


def _delete(call: Call) -> None:
    if not call.props.get("skipDestroy"):
        call.client("ecs").deregister_task_definition(taskDefinition=_arn(call))


TASK_DEFINITION = ResourceType(
    "aws:ecs/taskDefinition:TaskDefinition",
    properties={
        "containerDefinitions": Property(same_containers, required=True, replaces=True),
        "family": Property(required=True, replaces=True),
        **dict.fromkeys(_PLAIN, _FIXED),
        "networkMode": Property(computed=True, replaces=True),
        "enableFaultInjection": Property(replaces=True),
        "ephemeralStorage": Property(
            "block", replaces=True, fields={"sizeInGib": Property(required=True)}
        ),
        "requiresCompatibilities": Property("set", replaces=True),
        "runtimePlatform": Property(
            "block",
            replaces=True,
            fields={
                "cpuArchitecture": Property(computed=True),
                "operatingSystemFamily": Property(computed=True),
            },
        ),
        "volumes": Property(
            "blockset",
            replaces=True,
            fields={"name": Property(required=True), "hostPath": Property()},
        ),
        "skipDestroy": Property(default=False),
        "trackLatest": Property(default=False),
        "region": REGION,
        "tags": TAGS,
    },
    outputs=frozenset({"arn", "arnWithoutRevision", "revision", "tagsAll"}),
    create=_create,
    read=_read,
    update=_update,
    delete=_delete,
    refuse=refuse,
)
