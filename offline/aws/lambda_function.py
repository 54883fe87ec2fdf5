"""Lambda functions from container images."""

from offline.plugin.naming import present
from offline.plugin.table import TAGS, Property, ResourceType
from offline.plugin.waiting import WaitError, wait_until
from offline.plugin.wire import UNKNOWN, State

from .call import REGION, Call
from .lambda_arguments import code, settings
from .lambda_reading import read
from .tags import gone_keys
from .waiting import patiently

# IAM tells Lambda about a new role, and about its rights, some seconds late.
_LATE = frozenset({"InvalidParameterValueException"})
_LATE_WORDS = ("cannot be assumed by Lambda", "does not have permissions to call")
_CODE = frozenset({"imageUri", "architectures"})


def _create(call: Call) -> str:
    props = call.props
    wanted = {
        "FunctionName": props["name"],
        "PackageType": props["packageType"],
        "Code": {"ImageUri": props["imageUri"]},
        "Publish": bool(props.get("publish")),
        **present(Architectures=props.get("architectures"), Tags=dict(call.tags) or None),
        **settings(props, frozenset(FUNCTION.properties)),
    }
    answer = patiently(
        lambda: call.client("lambda").create_function(**wanted),
        _LATE,
        60.0,
        call.cloud.cancelled,
        _LATE_WORDS,
    )
    return str(answer["FunctionName"])


def _complete(call: Call) -> None:
    _await(call, "State", "Active")
    _reserve(call)


def _await(call: Call, field: str, wanted: str) -> None:
    def reached() -> bool:
        told = call.client("lambda").get_function_configuration(FunctionName=call.id)
        state = told.get(field, wanted)
        if state == "Failed":
            why = told.get("StateReason" if field == "State" else "LastUpdateStatusReason")
            raise WaitError(f"function {call.id} failed: {why}; correct it and try again")
        return bool(state == wanted)

    what = f"function {call.id} {field} {wanted}"
    wait_until(reached, what, call.timeout, call.cloud.cancelled)


def _reserve(call: Call) -> None:
    """-1 is AWS's own limit, shared with all functions."""
    reserved = call.props.get("reservedConcurrentExecutions")
    if reserved is not None and reserved >= 0:
        call.client("lambda").put_function_concurrency(
            FunctionName=call.id, ReservedConcurrentExecutions=reserved
        )
    elif call.olds:
        call.client("lambda").delete_function_concurrency(FunctionName=call.id)


def _update(call: Call, changed: frozenset[str]) -> None:
    function = call.client("lambda")
    if wanted := settings(call.props, changed, updating=True):
        function.update_function_configuration(FunctionName=call.id, **wanted)
        _await(call, "LastUpdateStatus", "Successful")
    if changed & _CODE:
        function.update_function_code(FunctionName=call.id, **code(call.props))
        _await(call, "LastUpdateStatus", "Successful")
    if "reservedConcurrentExecutions" in changed:
        _reserve(call)
    if call.props.get("publish") and (wanted or changed & {*_CODE, "publish"}):
        function.publish_version(FunctionName=call.id)
    if "tagsAll" in changed:
        if gone := gone_keys(call):
            function.untag_resource(Resource=call.olds["arn"], TagKeys=gone)
        if call.tags:
            function.tag_resource(Resource=call.olds["arn"], Tags=dict(call.tags))


def _delete(call: Call) -> None:
    if not call.props.get("skipDestroy"):
        call.client("lambda").delete_function(FunctionName=call.id)


def _refuse(inputs: State) -> list[tuple[str, str]]:
    kind, image = inputs.get("packageType"), inputs.get("imageUri")
    if kind not in ("Image", UNKNOWN):
        why = f"packageType is '{kind}'; the offline plugin makes functions from images: 'Image'"
        return [("packageType", why)]
    why = "imageUri is required with packageType Image"
    return [("imageUri", why)] if image is None else []


_COMPUTED = Property(computed=True)
_VERSION = ("version", "qualifiedArn", "qualifiedInvokeArn")
_ANY = frozenset(
    {
        *_CODE,
        *("description", "environment", "ephemeralStorage", "imageConfig", "kmsKeyArn"),
        *("loggingConfig", "memorySize", "publish", "role", "timeout", "tracingConfig"),
    }
)

FUNCTION = ResourceType(
    "aws:lambda/function:Function",
    properties={
        "name": Property(replaces=True, named="hex", longest=64),
        "role": Property(required=True),
        "packageType": Property(replaces=True, default="Zip"),
        "imageUri": Property(),
        "architectures": Property("set", computed=True),
        "memorySize": Property(default=128),
        "timeout": Property(default=3),
        "description": Property(),
        "environment": Property("block", fields={"variables": Property("map")}),
        "ephemeralStorage": Property("block", computed=True, fields={"size": _COMPUTED}),
        "imageConfig": Property(
            "block",
            fields={
                "commands": Property(),
                "entryPoints": Property(),
                "workingDirectory": Property(),
            },
        ),
        "kmsKeyArn": Property(),
        "loggingConfig": Property(
            "block",
            computed=True,
            fields={
                "logFormat": Property(required=True),
                "logGroup": _COMPUTED,
                "applicationLogLevel": Property(),
                "systemLogLevel": Property(),
            },
        ),
        "publish": Property(default=False),
        "reservedConcurrentExecutions": Property(default=-1),
        "codeSha256": _COMPUTED,
        "tracingConfig": Property("block", computed=True, fields={"mode": Property(required=True)}),
        "skipDestroy": Property(default=False),
        "region": REGION,
        "tags": TAGS,
    },
    outputs=frozenset(
        {
            *("arn", "invokeArn", "lastModified", "responseStreamingInvokeArn", "signingJobArn"),
            *("signingProfileVersionArn", "sourceCodeSize", "tagsAll", *_VERSION),
        }
    ),
    create=_create,
    complete=_complete,
    read=read,
    update=_update,
    delete=_delete,
    recomputed={
        "codeSha256": _CODE,
        "sourceCodeSize": _CODE,
        "lastModified": _ANY,
        **dict.fromkeys(_VERSION, _ANY),
    },
    recomputed_if=dict.fromkeys(_VERSION, "publish"),
    refuse=_refuse,
)
