"""Egress rules of security groups as resources of their own."""

from offline.plugin.naming import picked, present
from offline.plugin.table import TAGS, Property, ResourceType
from offline.plugin.wire import State

from .call import REGION, Call
from .ec2_groups import retag, tag_specifications
from .tags import tag_map

_SOURCES = {
    "cidrIpv4": ("IpRanges", "CidrIp"),
    "cidrIpv6": ("Ipv6Ranges", "CidrIpv6"),
    "prefixListId": ("PrefixListIds", "PrefixListId"),
    "referencedSecurityGroupId": ("UserIdGroupPairs", "GroupId"),
}
_PATHS = {
    "securityGroupId": "GroupId",
    "ipProtocol": "IpProtocol",
    "fromPort": "FromPort",
    "toPort": "ToPort",
    "cidrIpv4": "CidrIpv4",
    "cidrIpv6": "CidrIpv6",
    "prefixListId": "PrefixListId",
    "referencedSecurityGroupId": "ReferencedGroupInfo.GroupId",
    "description": "Description",
}


def _create(call: Call) -> str:
    props = call.props
    note = present(Description=props.get("description"))
    sources = {
        field: [{key: props[name], **note}]
        for name, (field, key) in _SOURCES.items()
        if props.get(name)
    }
    permission = {
        "IpProtocol": str(props["ipProtocol"]),
        **present(FromPort=props.get("fromPort"), ToPort=props.get("toPort")),
        **sources,
    }
    answer = call.client("ec2").authorize_security_group_egress(
        GroupId=props["securityGroupId"],
        IpPermissions=[permission],
        TagSpecifications=tag_specifications(call, "security-group-rule"),
    )
    return str(answer["SecurityGroupRules"][0]["SecurityGroupRuleId"])


def _read(call: Call) -> State | None:
    told = call.client("ec2").describe_security_group_rules(SecurityGroupRuleIds=[call.id])
    rules = told["SecurityGroupRules"]
    if not rules:
        return None
    state = picked(_PATHS, rules[0])
    every_port = state["ipProtocol"] == "-1"
    owner = rules[0].get("GroupOwnerId") or call.cloud.account()
    return {
        **state,
        "fromPort": None if every_port else state["fromPort"],
        "toPort": None if every_port else state["toPort"],
        "arn": f"arn:aws:ec2:{call.region}:{owner}:security-group-rule/{call.id}",
        "securityGroupRuleId": call.id,
        "tags": tag_map(rules[0].get("Tags")),
    }


def _update(call: Call, changed: frozenset[str]) -> None:
    props = call.props
    if changed & (set(_PATHS) - {"securityGroupId"}):
        rule = present(
            IpProtocol=str(props["ipProtocol"]),
            FromPort=props.get("fromPort"),
            ToPort=props.get("toPort"),
            CidrIpv4=props.get("cidrIpv4"),
            CidrIpv6=props.get("cidrIpv6"),
            PrefixListId=props.get("prefixListId"),
            ReferencedGroupId=props.get("referencedSecurityGroupId"),
            Description=props.get("description"),
        )
        call.client("ec2").modify_security_group_rules(
            GroupId=props["securityGroupId"],
            SecurityGroupRules=[{"SecurityGroupRuleId": call.id, "SecurityGroupRule": rule}],
        )
    if "tagsAll" in changed:
        retag(call)


def _delete(call: Call) -> None:
    call.client("ec2").revoke_security_group_egress(
        GroupId=call.props["securityGroupId"], SecurityGroupRuleIds=[call.id]
    )


EGRESS_RULE = ResourceType(
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
    properties={
        "securityGroupId": Property(required=True, replaces=True),
        "ipProtocol": Property(required=True),
        **{name: Property() for name in (*_SOURCES, "fromPort", "toPort", "description")},
        "region": REGION,
        "tags": TAGS,
    },
    outputs=frozenset({"arn", "securityGroupRuleId", "tagsAll"}),
    create=_create,
    read=_read,
    update=_update,
    delete=_delete,
)
