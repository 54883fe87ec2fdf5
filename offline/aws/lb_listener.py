"""Listeners of load balancers."""

from typing import Any

from offline.plugin.naming import from_api, picked, to_api
from offline.plugin.table import TAGS, Property, ResourceType
from offline.plugin.wire import State

from .call import REGION, Call
from .tags import retag, tag_list, tag_map

_REQUIRED = Property(required=True)
_COMPUTED = Property(computed=True)
_NAMES = {"fixedResponse": "FixedResponseConfig", "redirect": "RedirectConfig"}
_PATHS = {
    "arn": "ListenerArn",
    "certificateArn": "Certificates[0].CertificateArn",
    "loadBalancerArn": "LoadBalancerArn",
    "port": "Port",
    "protocol": "Protocol",
    "sslPolicy": "SslPolicy",
}


def _wanted(props: State) -> State:
    certificate = props.get("certificateArn")
    return {
        "DefaultActions": [to_api(each, _NAMES) for each in props["defaultActions"]],
        **to_api({name: props.get(name) for name in ("port", "protocol", "sslPolicy")}),
        **({"Certificates": [{"CertificateArn": certificate}]} if certificate else {}),
    }


def _create(call: Call) -> str:
    tags = {"Tags": tag_list(call.tags)} if call.tags else {}
    answer = call.client("elbv2").create_listener(
        LoadBalancerArn=call.props["loadBalancerArn"], **_wanted(call.props), **tags
    )
    return str(answer["Listeners"][0]["ListenerArn"])


def _read(call: Call) -> State:
    elb = call.client("elbv2")
    told = elb.describe_listeners(ListenerArns=[call.id])["Listeners"][0]
    tags = elb.describe_tags(ResourceArns=[call.id])["TagDescriptions"][0]["Tags"]
    return {
        **picked(_PATHS, told),
        "defaultActions": [_action(each) for each in told["DefaultActions"]],
        "tags": tag_map(tags),
    }


def _action(told: State) -> State:
    """Without ForwardConfig, which AWS fills in beside TargetGroupArn."""
    kept = {key: value for key, value in told.items() if key != "ForwardConfig"}
    action: dict[str, Any] = from_api(kept, _NAMES)
    return action


def _update(call: Call, changed: frozenset[str]) -> None:
    elb = call.client("elbv2")
    if changed - {"tags", "tagsAll"}:
        elb.modify_listener(ListenerArn=call.id, **_wanted(call.props))
    if "tagsAll" in changed:
        retag(call, elb.add_tags, elb.remove_tags, {"ResourceArns": [call.id]})


def _delete(call: Call) -> None:
    call.client("elbv2").delete_listener(ListenerArn=call.id)


_ACTION = {
    "type": _REQUIRED,
    "order": _COMPUTED,
    "targetGroupArn": Property(),
    "fixedResponse": Property(
        "block",
        fields={"contentType": _REQUIRED, "messageBody": Property(), "statusCode": _COMPUTED},
    ),
    "redirect": Property(
        "block",
        fields={
            "statusCode": _REQUIRED,
            **dict.fromkeys(("host", "path", "port", "protocol", "query"), _COMPUTED),
        },
    ),
}

LISTENER = ResourceType(
    "aws:lb/listener:Listener",
    properties={
        "loadBalancerArn": Property(required=True, replaces=True),
        "defaultActions": Property("blocks", required=True, fields=_ACTION),
        "port": Property(),
        "protocol": _COMPUTED,
        "certificateArn": Property(),
        "sslPolicy": _COMPUTED,
        "region": REGION,
        "tags": TAGS,
    },
    outputs=frozenset({"arn", "tagsAll"}),
    create=_create,
    read=_read,
    update=_update,
    delete=_delete,
)
