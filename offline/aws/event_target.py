"""EventBridge: what a rule starts."""

import uuid
from typing import Any

from offline.plugin.naming import from_api, present, to_api
from offline.plugin.table import Property, ResourceType
from offline.plugin.wire import State

from .call import REGION, Call
from .ecs_service_wire import network_from_api, network_to_api

_REQUIRED = Property(required=True)
_ARGUMENTS = {"arn": "Arn", "input": "Input", "inputPath": "InputPath", "roleArn": "RoleArn"}
_BLOCKS = {"deadLetterConfig": "DeadLetterConfig", "retryPolicy": "RetryPolicy"}
_ECS_NAMES = {"enableEcsManagedTags": "EnableECSManagedTags"}
_ECS_PLAIN = (
    *("enableEcsManagedTags", "enableExecuteCommand", "group", "launchType", "platformVersion"),
    *("propagateTags", "taskCount", "taskDefinitionArn"),
)


def _put(call: Call) -> tuple[str, State]:
    props = call.props
    name = props.get("targetId") or call.olds.get("targetId") or f"pulumi-{uuid.uuid4().hex}"
    rule, bus = props["rule"], props["eventBusName"]
    answer = call.client("events").put_targets(
        Rule=rule, EventBusName=bus, Targets=[{"Id": name, **_wanted(props)}]
    )
    _raise_refused(answer, name)
    resource_id = f"{rule}-{name}" if bus == "default" else f"{bus}-{rule}-{name}"
    return resource_id, {"targetId": name}


def _raise_refused(answer: State, name: str) -> None:
    """EventBridge says 200 even if it took nothing."""
    for entry in answer.get("FailedEntries") or []:
        raise LookupError(
            f"target {name} refused: {entry.get('ErrorCode')}: {entry.get('ErrorMessage')}"
        )


def _wanted(props: State) -> State:
    wanted = {theirs: props.get(ours) for ours, theirs in _ARGUMENTS.items()}
    blocks = {theirs: to_api(props.get(ours)) for ours, theirs in _BLOCKS.items()}
    ecs = props.get("ecsTarget")
    return present(**wanted, **blocks, EcsParameters=ecs and _ecs_to_api(ecs))


def _ecs_to_api(block: State) -> State:
    wanted: State = to_api({name: block.get(name) for name in _ECS_PLAIN}, _ECS_NAMES)
    if network := block.get("networkConfiguration"):
        inner = network_to_api(network)["awsvpcConfiguration"]
        wanted["NetworkConfiguration"] = {"awsvpcConfiguration": to_api(inner)}
    return wanted


def _ecs_from_api(told: State) -> State:
    state: State = {
        name: value for name, value in from_api(told, _ECS_NAMES).items() if name in _ECS_PLAIN
    }
    if network := told.get("NetworkConfiguration"):
        inner = {key[:1].lower() + key[1:]: item for key, item in _vpc(network).items()}
        state["networkConfiguration"] = network_from_api({"awsvpcConfiguration": inner})
    return state


def _vpc(network: State) -> dict[str, Any]:
    return dict(network.get("awsvpcConfiguration") or network.get("AwsvpcConfiguration") or {})


def _read(call: Call) -> State | None:
    if "rule" not in call.props:
        raise LookupError("the offline aws plugin can't import a target: its id tells no rule")
    rule, bus = call.props["rule"], call.props.get("eventBusName") or "default"
    name = call.props.get("targetId") or call.olds.get("targetId")
    answer = call.client("events").list_targets_by_rule(Rule=rule, EventBusName=bus)
    told = next((each for each in answer["Targets"] if each["Id"] == name), None)
    if told is None:
        return None
    ecs = told.get("EcsParameters")
    return {
        **{ours: told.get(theirs) for ours, theirs in _ARGUMENTS.items()},
        **{ours: from_api(told.get(theirs)) for ours, theirs in _BLOCKS.items()},
        "ecsTarget": _ecs_from_api(ecs) if ecs else None,
        "eventBusName": bus,
        "rule": rule,
        "targetId": name,
    }


def _update(call: Call, changed: frozenset[str]) -> None:
    if changed - {"forceDestroy"}:
        _put(call)


def _delete(call: Call) -> None:
    name = call.props["targetId"]
    answer = call.client("events").remove_targets(
        Rule=call.props["rule"],
        EventBusName=call.props.get("eventBusName") or "default",
        Ids=[name],
        Force=bool(call.props.get("forceDestroy")),
    )
    _raise_refused(answer, name)


EVENT_TARGET = ResourceType(
    "aws:cloudwatch/eventTarget:EventTarget",
    properties={
        "arn": _REQUIRED,
        "rule": Property(required=True, replaces=True),
        "deadLetterConfig": Property("block", fields={"arn": Property()}),
        "ecsTarget": Property(
            "block",
            fields={
                **dict.fromkeys(_ECS_PLAIN, Property()),
                "taskDefinitionArn": _REQUIRED,
                "taskCount": Property(default=1, computed=True),
                "propagateTags": Property(computed=True),
                "networkConfiguration": Property(
                    "block",
                    fields={
                        "subnets": Property("set", required=True),
                        "securityGroups": Property("set"),
                        "assignPublicIp": Property(),
                    },
                ),
            },
        ),
        "eventBusName": Property(replaces=True, default="default"),
        "forceDestroy": Property(default=False),
        "input": Property("json"),
        "inputPath": Property(),
        "retryPolicy": Property(
            "block",
            fields={"maximumEventAgeInSeconds": Property(), "maximumRetryAttempts": Property()},
        ),
        "roleArn": Property(),
        "targetId": Property(computed=True, replaces=True),
        "region": REGION,
    },
    outputs=frozenset(),
    create=_put,
    read=_read,
    update=_update,
    delete=_delete,
)
