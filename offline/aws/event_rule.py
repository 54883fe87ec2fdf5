"""EventBridge: rules, such as schedules."""

from offline.plugin.naming import picked, present
from offline.plugin.table import TAGS, Property, ResourceType
from offline.plugin.wire import State

from .call import REGION, Call
from .tags import gone_keys, tag_list, tag_map
from .waiting import patiently

_ARGUMENTS = {
    "description": "Description",
    "eventPattern": "EventPattern",
    "roleArn": "RoleArn",
    "scheduleExpression": "ScheduleExpression",
    "state": "State",
}
_PATHS = {**_ARGUMENTS, "arn": "Arn", "name": "Name"}


def bus_and_name(rule_id: str) -> tuple[str, str]:
    """The two parts of an id: bus/name, where the default bus is left out."""
    bus, _, name = rule_id.rpartition("/")
    return bus or "default", name


def _put(call: Call) -> str:
    props = call.props
    bus, name = props["eventBusName"], props["name"]
    given = {theirs: props.get(ours) for ours, theirs in _ARGUMENTS.items()}
    tags = {"Tags": tag_list(call.tags)} if call.tags and not call.id else {}
    call.client("events").put_rule(Name=name, EventBusName=bus, **present(**given), **tags)
    return str(name) if bus == "default" else f"{bus}/{name}"


def _read(call: Call) -> State:
    events = call.client("events")
    bus, name = bus_and_name(call.id)
    told = events.describe_rule(Name=name, EventBusName=bus)
    tags = events.list_tags_for_resource(ResourceARN=told["Arn"]).get("Tags")
    return {
        **picked(_PATHS, told),
        "eventBusName": told.get("EventBusName") or bus,
        "tags": tag_map(tags),
    }


def _update(call: Call, changed: frozenset[str]) -> None:
    events = call.client("events")
    if changed - {"tags", "tagsAll", "forceDestroy"}:
        _put(call)
    if "tagsAll" in changed:
        arn = call.olds["arn"]
        if gone := gone_keys(call):
            events.untag_resource(ResourceARN=arn, TagKeys=gone)
        if call.tags:
            events.tag_resource(ResourceARN=arn, Tags=tag_list(call.tags))


def _delete(call: Call) -> None:
    bus, name = bus_and_name(call.id)
    # EventBridge learns of a removed target some seconds late.
    patiently(
        lambda: call.client("events").delete_rule(
            Name=name, EventBusName=bus, Force=bool(call.props.get("forceDestroy"))
        ),
        frozenset({"ValidationException"}),
        60.0,
        call.cloud.cancelled,
        ("since it has targets",),
    )


def _refuse(inputs: State) -> list[tuple[str, str]]:
    if inputs.get("scheduleExpression") is None and inputs.get("eventPattern") is None:
        why = "one of scheduleExpression ('rate(5 minutes)') and eventPattern is required"
        return [("scheduleExpression", why)]
    return []


EVENT_RULE = ResourceType(
    "aws:cloudwatch/eventRule:EventRule",
    properties={
        "name": Property(replaces=True, named="hex", longest=64),
        "description": Property(),
        "eventBusName": Property(replaces=True, default="default"),
        "eventPattern": Property("json"),
        "forceDestroy": Property(default=False),
        "roleArn": Property(),
        "scheduleExpression": Property(),
        "state": Property(default="ENABLED"),
        "region": REGION,
        "tags": TAGS,
    },
    outputs=frozenset({"arn", "tagsAll"}),
    create=_put,
    read=_read,
    update=_update,
    delete=_delete,
    refuse=_refuse,
)
