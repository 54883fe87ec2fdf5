"""Target groups of load balancers."""

from offline.plugin.naming import picked, present
from offline.plugin.table import TAGS, Property, ResourceType
from offline.plugin.wire import State

from .call import REGION, Call
from .lb_attributes import from_attributes, to_attributes
from .tags import retag, tag_list, tag_map
from .waiting import patiently

_FIXED = Property(replaces=True)
_COMPUTED = Property(computed=True)
_ATTRIBUTES = {
    "deregistrationDelay": "deregistration_delay.timeout_seconds",
    "loadBalancingAlgorithmType": "load_balancing.algorithm.type",
    "slowStart": "slow_start.duration_seconds",
}
_CHECK = {
    "enabled": "HealthCheckEnabled",
    "healthyThreshold": "HealthyThresholdCount",
    "interval": "HealthCheckIntervalSeconds",
    "path": "HealthCheckPath",
    "port": "HealthCheckPort",
    "protocol": "HealthCheckProtocol",
    "timeout": "HealthCheckTimeoutSeconds",
    "unhealthyThreshold": "UnhealthyThresholdCount",
}
_PATHS = {
    "arn": "TargetGroupArn",
    "ipAddressType": "IpAddressType",
    "loadBalancerArns": "LoadBalancerArns",
    "name": "TargetGroupName",
    "port": "Port",
    "protocol": "Protocol",
    "protocolVersion": "ProtocolVersion",
    "targetType": "TargetType",
    "vpcId": "VpcId",
}


def _create(call: Call) -> str:
    props = call.props
    answer = call.client("elbv2").create_target_group(
        Name=props["name"],
        TargetType=props["targetType"],
        **present(
            IpAddressType=props.get("ipAddressType"),
            Port=props.get("port"),
            Protocol=props.get("protocol"),
            ProtocolVersion=props.get("protocolVersion"),
            VpcId=props.get("vpcId"),
            Tags=tag_list(call.tags) or None,
        ),
        **_check(props),
    )
    return str(answer["TargetGroups"][0]["TargetGroupArn"])


def _check(props: State) -> State:
    block = props.get("healthCheck") or {}
    wanted = {theirs: block.get(ours) for ours, theirs in _CHECK.items()}
    if matcher := block.get("matcher"):
        wanted["Matcher"] = {"HttpCode": str(matcher)}
    return present(**wanted)


def _put_attributes(call: Call) -> None:
    if wanted := to_attributes(_ATTRIBUTES, call.props):
        call.client("elbv2").modify_target_group_attributes(
            TargetGroupArn=call.id, Attributes=wanted
        )


def _read(call: Call) -> State:
    elb = call.client("elbv2")
    told = elb.describe_target_groups(TargetGroupArns=[call.id])["TargetGroups"][0]
    attributes = elb.describe_target_group_attributes(TargetGroupArn=call.id)["Attributes"]
    tags = elb.describe_tags(ResourceArns=[call.id])["TagDescriptions"][0]["Tags"]
    return {
        **picked(_PATHS, told),
        **from_attributes(_ATTRIBUTES, attributes),
        "arnSuffix": call.id.rpartition(":")[2],
        "healthCheck": {
            **picked(_CHECK, told),
            "matcher": (told.get("Matcher") or {}).get("HttpCode"),
        },
        "tags": tag_map(tags),
    }


def _update(call: Call, changed: frozenset[str]) -> None:
    elb = call.client("elbv2")
    if "healthCheck" in changed:
        elb.modify_target_group(TargetGroupArn=call.id, **_check(call.props))
    if changed & set(_ATTRIBUTES):
        _put_attributes(call)
    if "tagsAll" in changed:
        retag(call, elb.add_tags, elb.remove_tags, {"ResourceArns": [call.id]})


def _delete(call: Call) -> None:
    # A listener that was just deleted holds its group a while.
    patiently(
        lambda: call.client("elbv2").delete_target_group(TargetGroupArn=call.id),
        frozenset({"ResourceInUse"}),
        min(call.timeout, 120.0),
        call.cloud.cancelled,
    )


TARGET_GROUP = ResourceType(
    "aws:lb/targetGroup:TargetGroup",
    properties={
        "name": Property(replaces=True, named="hex", longest=32),
        "port": _FIXED,
        "protocol": _FIXED,
        "protocolVersion": Property(computed=True, replaces=True),
        "targetType": Property(replaces=True, default="instance"),
        "ipAddressType": Property(computed=True, replaces=True),
        "vpcId": _FIXED,
        "deregistrationDelay": Property(default=300),
        "loadBalancingAlgorithmType": _COMPUTED,
        "slowStart": Property(default=0),
        "healthCheck": Property(
            "block",
            computed=True,
            fields=dict.fromkeys((*_CHECK, "matcher"), _COMPUTED),
        ),
        "region": REGION,
        "tags": TAGS,
    },
    outputs=frozenset({"arn", "arnSuffix", "loadBalancerArns", "tagsAll"}),
    create=_create,
    complete=_put_attributes,
    read=_read,
    update=_update,
    delete=_delete,
)
