"""EC2 security groups, with inline rules or rules of their own."""

from typing import Any

from offline.plugin.naming import picked
from offline.plugin.table import TAGS, Property, ResourceType
from offline.plugin.wire import State

from .call import REGION, Call
from .documents import same_rules
from .tags import gone_keys, tag_list, tag_map
from .waiting import patiently

_RULE_FIELDS = {
    "protocol": Property(required=True),
    "fromPort": Property(required=True),
    "toPort": Property(required=True),
    "cidrBlocks": Property("set"),
    "ipv6CidrBlocks": Property("set"),
    "prefixListIds": Property("set"),
    "securityGroups": Property("set"),
    "description": Property(),
    "self": Property(),
}
_INLINE = Property(same_rules, computed=True, fields=_RULE_FIELDS)
_DIRECTIONS = ("ingress", "egress")


def retag(call: Call) -> None:
    """Makes the tags of an EC2 resource those that are wanted."""
    ec2 = call.client("ec2")
    if gone := gone_keys(call):
        ec2.delete_tags(Resources=[call.id], Tags=[{"Key": key} for key in gone])
    if call.tags:
        ec2.create_tags(Resources=[call.id], Tags=tag_list(call.tags))


def tag_specifications(call: Call, kind: str) -> list[State]:
    """The tags for a creating EC2 call; empty without tags."""
    return [{"ResourceType": kind, "Tags": tag_list(call.tags)}] if call.tags else []


def default_vpc(ec2: Any) -> str:
    """The id of the region's default VPC; raises LookupError where there is none."""
    vpcs = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
    if not vpcs:
        raise LookupError("no default VPC in this region; name one by its id")
    return str(vpcs[0]["VpcId"])


def _create(call: Call) -> str:
    ec2, props = call.client("ec2"), call.props
    answer = ec2.create_security_group(
        GroupName=props["name"],
        Description=props["description"],
        VpcId=props.get("vpcId") or default_vpc(ec2),
        TagSpecifications=tag_specifications(call, "security-group"),
    )
    return str(answer["GroupId"])


def _fill(call: Call) -> None:
    """Like the official plugin: AWS's own allow-all egress rule goes first."""
    ec2 = call.client("ec2")
    if standard := _describe(call)["IpPermissionsEgress"]:
        ec2.revoke_security_group_egress(GroupId=call.id, IpPermissions=standard)
    for direction in _DIRECTIONS:
        _authorize(call, direction, call.props.get(direction) or [])


def _describe(call: Call) -> State:
    told = call.client("ec2").describe_security_groups(GroupIds=[call.id])
    return dict(told["SecurityGroups"][0])


def _authorize(call: Call, direction: str, rules: list[State]) -> None:
    if rules:
        authorize = getattr(call.client("ec2"), f"authorize_security_group_{direction}")
        authorize(GroupId=call.id, IpPermissions=[_permission(rule, call.id) for rule in rules])


def _permission(rule: State, own_group: str) -> State:
    note = {"Description": rule["description"]} if rule.get("description") else {}
    groups = [*(rule.get("securityGroups") or []), *([own_group] if rule.get("self") else [])]
    ports = {"FromPort": int(rule["fromPort"]), "ToPort": int(rule["toPort"])}
    permission = {
        "IpProtocol": str(rule["protocol"]),
        **(ports if str(rule["protocol"]) != "-1" else {}),
        "IpRanges": [{"CidrIp": cidr, **note} for cidr in rule.get("cidrBlocks") or []],
        "Ipv6Ranges": [{"CidrIpv6": cidr, **note} for cidr in rule.get("ipv6CidrBlocks") or []],
        "PrefixListIds": [
            {"PrefixListId": name, **note} for name in rule.get("prefixListIds") or []
        ],
        "UserIdGroupPairs": [{"GroupId": group, **note} for group in groups],
    }
    return {key: value for key, value in permission.items() if value != []}


def _rules(permissions: list[State], own_group: str) -> list[State]:
    """One inline rule per source: their grouping has no meaning."""
    rules: list[State] = []
    for permission in permissions:
        head = {
            "protocol": permission["IpProtocol"],
            "fromPort": permission.get("FromPort", 0),
            "toPort": permission.get("ToPort", 0),
        }
        for field, key, name in (
            ("IpRanges", "CidrIp", "cidrBlocks"),
            ("Ipv6Ranges", "CidrIpv6", "ipv6CidrBlocks"),
            ("PrefixListIds", "PrefixListId", "prefixListIds"),
            ("UserIdGroupPairs", "GroupId", "securityGroups"),
        ):
            for source in permission.get(field) or []:
                who = {"self": True} if source[key] == own_group else {name: [source[key]]}
                rules.append({**head, **who, "description": source.get("Description", "")})
    return rules


def _read(call: Call) -> State:
    told = _describe(call)
    paths = {
        "description": "Description",
        "name": "GroupName",
        "ownerId": "OwnerId",
        "vpcId": "VpcId",
    }
    state = {
        **picked(paths, told),
        "arn": f"arn:aws:ec2:{call.region}:{told['OwnerId']}:security-group/{call.id}",
        "tags": tag_map(told.get("Tags")),
    }
    # Rules that are resources of their own would look like drift of a group that has none inline.
    importing = "name" not in call.props
    for direction, field in (("ingress", "IpPermissions"), ("egress", "IpPermissionsEgress")):
        if importing or call.props.get(direction):
            state[direction] = _rules(told[field], call.id)
    return state


def _update(call: Call, changed: frozenset[str]) -> None:
    for direction in _DIRECTIONS:
        if direction not in changed:
            continue
        field = "IpPermissions" if direction == "ingress" else "IpPermissionsEgress"
        if old := _describe(call)[field]:
            revoke = getattr(call.client("ec2"), f"revoke_security_group_{direction}")
            revoke(GroupId=call.id, IpPermissions=old)
        _authorize(call, direction, call.props.get(direction) or [])
    if "tagsAll" in changed:
        retag(call)


def _delete(call: Call) -> None:
    ec2 = call.client("ec2")
    # The network interface of an instance that was just terminated holds the group a while.
    patiently(
        lambda: ec2.delete_security_group(GroupId=call.id),
        frozenset({"DependencyViolation"}),
        min(call.timeout, 120.0),
        call.cloud.cancelled,
    )


GROUP = ResourceType(
    "aws:ec2/securityGroup:SecurityGroup",
    properties={
        "name": Property(replaces=True, named="hex"),
        "description": Property(replaces=True, default="Managed by Pulumi"),
        "vpcId": Property(computed=True, replaces=True),
        "ingress": _INLINE,
        "egress": _INLINE,
        "revokeRulesOnDelete": Property(default=False),
        "region": REGION,
        "tags": TAGS,
    },
    outputs=frozenset({"arn", "ownerId", "tagsAll"}),
    create=_create,
    complete=_fill,
    read=_read,
    update=_update,
    delete=_delete,
)
