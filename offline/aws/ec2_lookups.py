"""Lookups of networks and instances that exist already."""

from offline.plugin.naming import picked, present
from offline.plugin.wire import State

from .call import Call
from .ec2_reading import attributes, found_instances, instance_state, root_volume
from .tags import tag_map

_SUBNET = {
    "arn": "SubnetArn",
    "availabilityZone": "AvailabilityZone",
    "availabilityZoneId": "AvailabilityZoneId",
    "availableIpAddressCount": "AvailableIpAddressCount",
    "cidrBlock": "CidrBlock",
    "defaultForAz": "DefaultForAz",
    "id": "SubnetId",
    "mapPublicIpOnLaunch": "MapPublicIpOnLaunch",
    "ownerId": "OwnerId",
    "state": "State",
    "vpcId": "VpcId",
}


def _filters(props: State, *, tags: str = "tags", **by_name: str | None) -> list[State]:
    """The program's filters, its tags, and single properties, in the API's form."""
    given = [
        {"Name": item["name"], "Values": item["values"]} for item in props.get("filters") or []
    ]
    given += [{"Name": f"tag:{k}", "Values": [v]} for k, v in (props.get(tags) or {}).items()]
    named = {name.replace("_", "-"): value for name, value in by_name.items() if value is not None}
    return given + [{"Name": name, "Values": [value]} for name, value in named.items()]


def _only(what: str, found: list[State], props: State) -> State:
    if len(found) != 1:
        asked = {name: value for name, value in props.items() if value is not None}
        raise LookupError(f"exactly one {what} must match {asked}, but {len(found)} do")
    return found[0]


def find_vpc(call: Call) -> State:
    """The one VPC that matches."""
    props, ec2 = call.props, call.client("ec2")
    default = props.get("default")
    filters = _filters(
        props,
        is_default=None if default is None else str(default).lower(),
        cidr=props.get("cidrBlock"),
        dhcp_options_id=props.get("dhcpOptionsId"),
        state=props.get("state"),
    )
    ids = [props["id"]] if props.get("id") else None
    found = ec2.describe_vpcs(**present(VpcIds=ids, Filters=filters or None))["Vpcs"]
    vpc = _only("VPC", found, props)
    owner = vpc.get("OwnerId") or call.cloud.account()
    return {
        "id": vpc["VpcId"],
        "arn": f"arn:aws:ec2:{call.region}:{owner}:vpc/{vpc['VpcId']}",
        "cidrBlock": vpc["CidrBlock"],
        "default": vpc["IsDefault"],
        "dhcpOptionsId": vpc.get("DhcpOptionsId", ""),
        "instanceTenancy": vpc.get("InstanceTenancy", ""),
        "ownerId": owner,
        "region": call.region,
        "state": vpc["State"],
        "tags": tag_map(vpc.get("Tags")),
    }


def find_subnet(call: Call) -> State:
    """The one subnet that matches."""
    props, ec2 = call.props, call.client("ec2")
    default = props.get("defaultForAz")
    filters = _filters(
        props,
        vpc_id=props.get("vpcId"),
        availability_zone=props.get("availabilityZone"),
        cidr_block=props.get("cidrBlock"),
        state=props.get("state"),
        default_for_az=None if default is None else str(default).lower(),
    )
    ids = [props["id"]] if props.get("id") else None
    found = ec2.describe_subnets(**present(SubnetIds=ids, Filters=filters or None))["Subnets"]
    told = _only("subnet", found, props)
    return {
        **picked(_SUBNET, told),
        "filters": props.get("filters"),
        "region": call.region,
        "tags": tag_map(told.get("Tags")),
    }


def find_subnets(call: Call) -> State:
    """The ids of the subnets that match."""
    pages = call.client("ec2").get_paginator("describe_subnets")
    found = pages.paginate(**present(Filters=_filters(call.props) or None))
    ids = [subnet["SubnetId"] for page in found for subnet in page["Subnets"]]
    asked = {name: call.props.get(name) for name in ("filters", "tags")}
    return {**asked, "id": call.region, "region": call.region, "ids": sorted(ids)}


def find_instances(call: Call) -> State:
    """Ids and addresses of the instances that match, running ones unless told."""
    props = call.props
    states = props.get("instanceStateNames") or ["running"]
    filters = [
        *_filters(props, tags="instanceTags"),
        {"Name": "instance-state-name", "Values": states},
    ]
    found = found_instances(call.client("ec2"), Filters=filters)
    found.sort(key=lambda item: str(item["InstanceId"]))
    return {
        **{name: props.get(name) for name in ("filters", "instanceTags", "instanceStateNames")},
        "id": call.region,
        "region": call.region,
        "ids": [item["InstanceId"] for item in found],
        "privateIps": [ip for item in found if (ip := item.get("PrivateIpAddress"))],
        "publicIps": [ip for item in found if (ip := item.get("PublicIpAddress"))],
        "ipv6Addresses": [],
    }


INSTANCE_RESULTS = (
    "ami arn associatePublicIpAddress availabilityZone disableApiStop disableApiTermination "
    "ebsOptimized iamInstanceProfile id instanceId instanceState instanceTags instanceType keyName "
    "filters getUserData metadataOptions monitoring networkInterfaceId outpostArn passwordData "
    "privateDns privateIp publicDns publicIp region rootBlockDevices securityGroups "
    "sourceDestCheck subnetId tags tenancy userData userDataBase64 vpcSecurityGroupIds"
)


def find_instance(call: Call) -> State:
    """All about the one instance that matches."""
    props, ec2 = call.props, call.client("ec2")
    filters = _filters({**props, "tags": None}, tags="instanceTags") + _filters(
        {"tags": props.get("tags")}
    )
    ids = [props["instanceId"]] if props.get("instanceId") else None
    found = found_instances(ec2, **present(InstanceIds=ids, Filters=filters or None))
    alive = [item for item in found if item["State"]["Name"] != "terminated"]
    told = _only("instance", alive, props)
    state = instance_state(ec2, told, call.region, call.cloud.account())
    more: State = attributes(ec2, told["InstanceId"])
    if not props.get("getUserData"):
        more = {**more, "userData": None, "userDataBase64": None}
    root = root_volume(ec2, told)
    every = {
        **state,
        **more,
        **{name: props.get(name) for name in ("filters", "getUserData", "instanceTags")},
        "id": told["InstanceId"],
        "instanceId": told["InstanceId"],
        "metadataOptions": [state["metadataOptions"]] if "metadataOptions" in state else [],
        "networkInterfaceId": state["primaryNetworkInterfaceId"],
        "region": call.region,
        "rootBlockDevices": [root] if root else [],
    }
    return {name: every.get(name) for name in INSTANCE_RESULTS.split()}
