"""Function URLs of Lambda functions."""

from botocore.exceptions import ClientError

from offline.plugin.naming import from_api, present, to_api
from offline.plugin.table import Property, ResourceType
from offline.plugin.wire import State

from .call import REGION, Call
from .waiting import error_code

_FIXED = Property(replaces=True)
_LISTS = ("allowHeaders", "allowMethods", "allowOrigins", "exposeHeaders")
_PUBLIC = "FunctionURLAllowPublicAccess"


def _target(call: Call) -> dict[str, str]:
    name, _, qualifier = call.id.partition("/")
    return {"FunctionName": name, **({"Qualifier": qualifier} if qualifier else {})}


def _wanted(call: Call) -> State:
    props = call.props
    return present(
        AuthType=props["authorizationType"],
        Cors=to_api(props.get("cors")),
        InvokeMode=props.get("invokeMode"),
    )


def _create(call: Call) -> str:
    name, qualifier = call.props["functionName"], call.props.get("qualifier")
    target = present(FunctionName=name, Qualifier=qualifier)
    call.client("lambda").create_function_url_config(**target, **_wanted(call))
    return f"{name}/{qualifier}" if qualifier else str(name)


def _allow(call: Call) -> None:
    """Like the official plugin: a URL without authorization may be called by everybody."""
    if call.props["authorizationType"] != "NONE":
        return
    try:
        call.client("lambda").add_permission(
            **_target(call),
            StatementId=_PUBLIC,
            Action="lambda:InvokeFunctionUrl",
            Principal="*",
            FunctionUrlAuthType="NONE",
        )
    except ClientError as error:
        if error_code(error) != "ResourceConflictException":
            raise


def _read(call: Call) -> State:
    told = call.client("lambda").get_function_url_config(**_target(call))
    name, _, qualifier = call.id.partition("/")
    url = told["FunctionUrl"]
    return {
        "authorizationType": told["AuthType"],
        "cors": from_api(told.get("Cors")) or None,
        "functionArn": told["FunctionArn"],
        "functionName": name,
        "functionUrl": url,
        "invokeMode": told.get("InvokeMode") or "BUFFERED",
        "qualifier": qualifier or None,
        "urlId": url.partition("://")[2].partition(".")[0],
    }


def _update(call: Call, changed: frozenset[str]) -> None:
    function = call.client("lambda")
    function.update_function_url_config(**_target(call), **_wanted(call))
    if "authorizationType" not in changed:
        return
    if call.props["authorizationType"] == "NONE":
        _allow(call)
    else:
        function.remove_permission(**_target(call), StatementId=_PUBLIC)


def _delete(call: Call) -> None:
    call.client("lambda").delete_function_url_config(**_target(call))


FUNCTION_URL = ResourceType(
    "aws:lambda/functionUrl:FunctionUrl",
    properties={
        "authorizationType": Property(required=True),
        "functionName": Property(required=True, replaces=True),
        "cors": Property(
            "block",
            fields={
                "allowCredentials": Property(),
                "maxAge": Property(),
                **dict.fromkeys(_LISTS, Property("set")),
            },
        ),
        "invokeMode": Property(default="BUFFERED"),
        "qualifier": _FIXED,
        "region": REGION,
    },
    outputs=frozenset({"functionArn", "functionUrl", "urlId"}),
    create=_create,
    complete=_allow,
    read=_read,
    update=_update,
    delete=_delete,
    # A function has one URL, so the old one goes first.
    delete_before_replace=True,
)
