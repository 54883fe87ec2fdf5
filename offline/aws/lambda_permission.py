"""Who may invoke a Lambda function: one statement of its policy."""

import json
from typing import Any

from offline.plugin.naming import present
from offline.plugin.table import Property, ResourceType
from offline.plugin.wire import State

from .call import REGION, Call

_FIXED = Property(replaces=True)
_ARGUMENTS = {
    "action": "Action",
    "eventSourceToken": "EventSourceToken",
    "functionUrlAuthType": "FunctionUrlAuthType",
    "invokedViaFunctionUrl": "InvokedViaFunctionUrl",
    "principal": "Principal",
    "principalOrgId": "PrincipalOrgID",
    "sourceAccount": "SourceAccount",
    "sourceArn": "SourceArn",
}
_CONDITIONS = {
    "AWS:SourceArn": "sourceArn",
    "AWS:SourceAccount": "sourceAccount",
    "lambda:FunctionUrlAuthType": "functionUrlAuthType",
    "lambda:EventSourceToken": "eventSourceToken",
    "lambda:InvokedViaFunctionUrl": "invokedViaFunctionUrl",
    "aws:PrincipalOrgID": "principalOrgId",
}


def _target(call: Call) -> dict[str, str]:
    return present(FunctionName=call.props["function"], Qualifier=call.props.get("qualifier"))


def _create(call: Call) -> str:
    given = {theirs: call.props.get(ours) for ours, theirs in _ARGUMENTS.items()}
    name: str = call.props["statementId"]
    call.client("lambda").add_permission(**_target(call), StatementId=name, **present(**given))
    return name


def _read(call: Call) -> State | None:
    if "function" not in call.props:
        raise LookupError(
            "the offline aws plugin can't import a permission: its id tells no function"
        )
    text = call.client("lambda").get_policy(**_target(call))["Policy"]
    statements = [each for each in json.loads(text)["Statement"] if each.get("Sid") == call.id]
    if not statements:
        return None
    told = statements[0]
    state = {
        "action": _only(told["Action"]),
        "principal": _principal(told["Principal"]),
        "statementId": call.id,
    }
    for tests in (told.get("Condition") or {}).values():
        for key, value in tests.items():
            if key in _CONDITIONS:
                state[_CONDITIONS[key]] = _only(value)
    return state


def _only(value: Any) -> Any:
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _principal(told: Any) -> Any:
    """As the program writes it: an account as its number, a service by its name."""
    if not isinstance(told, dict):
        return told
    who = str(_only(next(iter(told.values()))))
    return who.split(":")[4] if who.endswith(":root") else who


def _delete(call: Call) -> None:
    call.client("lambda").remove_permission(**_target(call), StatementId=call.id)


PERMISSION = ResourceType(
    "aws:lambda/permission:Permission",
    properties={
        **dict.fromkeys(_ARGUMENTS, _FIXED),
        "action": Property(required=True, replaces=True),
        "principal": Property(required=True, replaces=True),
        "function": Property(required=True, replaces=True),
        "qualifier": _FIXED,
        "statementId": Property(replaces=True, named="hex"),
        "region": REGION,
    },
    outputs=frozenset(),
    create=_create,
    read=_read,
    delete=_delete,
)
