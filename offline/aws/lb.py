"""Application and network load balancers."""

from offline.plugin.naming import picked, present
from offline.plugin.table import TAGS, Property, ResourceType
from offline.plugin.waiting import wait_until
from offline.plugin.wire import State

from .call import REGION, Call
from .lb_attributes import from_attributes, to_attributes
from .tags import retag, tag_list, tag_map

_ATTRIBUTES = {
    "clientKeepAlive": "client_keep_alive.seconds",
    "dropInvalidHeaderFields": "routing.http.drop_invalid_header_fields.enabled",
    "enableDeletionProtection": "deletion_protection.enabled",
    "enableHttp2": "routing.http2.enabled",
    "idleTimeout": "idle_timeout.timeout_seconds",
}
_PATHS = {
    "arn": "LoadBalancerArn",
    "dnsName": "DNSName",
    "ipAddressType": "IpAddressType",
    "loadBalancerType": "Type",
    "name": "LoadBalancerName",
    "securityGroups": "SecurityGroups",
    "subnets": "AvailabilityZones[].SubnetId",
    "vpcId": "VpcId",
    "zoneId": "CanonicalHostedZoneId",
}


def _create(call: Call) -> str:
    props = call.props
    answer = call.client("elbv2").create_load_balancer(
        Name=props["name"],
        Type=props["loadBalancerType"],
        Scheme="internal" if props.get("internal") else "internet-facing",
        **present(
            IpAddressType=props.get("ipAddressType"),
            SecurityGroups=props.get("securityGroups"),
            Subnets=props.get("subnets"),
            Tags=tag_list(call.tags) or None,
        ),
    )
    return str(answer["LoadBalancers"][0]["LoadBalancerArn"])


def _describe(call: Call) -> State:
    told = call.client("elbv2").describe_load_balancers(LoadBalancerArns=[call.id])
    return dict(told["LoadBalancers"][0])


def _complete(call: Call) -> None:
    _put_attributes(call)
    _await_active(call)


def _put_attributes(call: Call) -> None:
    if wanted := to_attributes(_keys(call), call.props):
        call.client("elbv2").modify_load_balancer_attributes(
            LoadBalancerArn=call.id, Attributes=wanted
        )


def _keys(call: Call) -> dict[str, str]:
    """A network load balancer has only the first of them."""
    if call.props.get("loadBalancerType") == "application":
        return _ATTRIBUTES
    return {"enableDeletionProtection": _ATTRIBUTES["enableDeletionProtection"]}


def _await_active(call: Call) -> None:
    def active() -> bool:
        state = _describe(call)["State"]
        if state["Code"] == "failed":
            raise LookupError(f"load balancer {call.id} failed: {state.get('Reason')}")
        return bool(state["Code"] == "active")

    wait_until(active, f"load balancer {call.id} active", call.timeout, call.cloud.cancelled)


def _read(call: Call) -> State:
    elb, told = call.client("elbv2"), _describe(call)
    attributes = elb.describe_load_balancer_attributes(LoadBalancerArn=call.id)["Attributes"]
    tags = elb.describe_tags(ResourceArns=[call.id])["TagDescriptions"][0]["Tags"]
    return {
        **picked(_PATHS, told),
        **from_attributes(_ATTRIBUTES, attributes),
        "arnSuffix": call.id.partition(":loadbalancer/")[2],
        "internal": told["Scheme"] == "internal",
        "tags": tag_map(tags),
    }


def _update(call: Call, changed: frozenset[str]) -> None:
    elb, props = call.client("elbv2"), call.props
    if "securityGroups" in changed:
        elb.set_security_groups(LoadBalancerArn=call.id, SecurityGroups=props["securityGroups"])
    if "subnets" in changed:
        elb.set_subnets(LoadBalancerArn=call.id, Subnets=props["subnets"])
    if "ipAddressType" in changed:
        elb.set_ip_address_type(LoadBalancerArn=call.id, IpAddressType=props["ipAddressType"])
    if changed & set(_ATTRIBUTES):
        _put_attributes(call)
    if "tagsAll" in changed:
        retag(call, elb.add_tags, elb.remove_tags, {"ResourceArns": [call.id]})
    _await_active(call)


def _delete(call: Call) -> None:
    call.client("elbv2").delete_load_balancer(LoadBalancerArn=call.id)


LOAD_BALANCER = ResourceType(
    "aws:lb/loadBalancer:LoadBalancer",
    properties={
        "name": Property(replaces=True, named="hex", longest=32),
        "loadBalancerType": Property(replaces=True, default="application"),
        "internal": Property(computed=True, replaces=True),
        "ipAddressType": Property(computed=True),
        "securityGroups": Property("set", computed=True),
        "subnets": Property("set", computed=True),
        "clientKeepAlive": Property(default=3600),
        "dropInvalidHeaderFields": Property(default=False),
        "enableDeletionProtection": Property(default=False),
        "enableHttp2": Property(default=True),
        "idleTimeout": Property(default=60),
        "region": REGION,
        "tags": TAGS,
    },
    outputs=frozenset({"arn", "arnSuffix", "dnsName", "tagsAll", "vpcId", "zoneId"}),
    create=_create,
    complete=_complete,
    read=_read,
    update=_update,
    delete=_delete,
)
