"""The calls about a function's resource policy, and what it lets the public do."""

import json
from typing import Any

from localcloud.lambda_.call import Call, Reply, Route
from localcloud.lambda_.directory import Directory
from localcloud.lambda_.records import LATEST, Function
from localcloud.lambda_.refusals import conflict, invalid, no_function, not_found, precondition

PATH = "/2015-03-31/functions/{function}/policy"
URL_TYPE = "lambda:FunctionUrlAuthType"
VIA_URL = "lambda:InvokedViaFunctionUrl"


class Permissions:
    """Adds, removes and shows statements."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    def routes(self) -> list[Route]:
        """Their routes."""
        return [
            Route(method="POST", path=PATH, status=201, handler=self.add),
            Route(method="GET", path=PATH, status=200, handler=self.get),
            Route(method="DELETE", path=PATH + "/{statement}", status=204, handler=self.remove),
        ]

    def add(self, call: Call) -> dict[str, Any]:
        """AddPermission."""
        function, qualifier = self._resource(call)
        body = call.json
        statement = written(body, f"{function.arn}:{qualifier}" if qualifier else function.arn)
        with function.lock:
            refuse_stale(function, body.get("RevisionId"))
            held = function.permissions.setdefault(qualifier, [])
            if any(each["Sid"] == statement["Sid"] for each in held):
                raise conflict(
                    f"The statement id ({statement['Sid']}) provided already exists. Please "
                    "provide a new statement id, or remove the existing statement."
                )
            held.append(statement)
            function.renew_policy()
        return {"Statement": json.dumps(statement)}

    def get(self, call: Call) -> dict[str, Any]:
        """GetPolicy."""
        function, qualifier = self._resource(call)
        held = function.permissions.get(qualifier)
        if not held:
            raise not_found("The resource you requested does not exist.")
        policy = {"Version": "2012-10-17", "Id": "default", "Statement": held}
        return {"Policy": json.dumps(policy), "RevisionId": function.policy_revision}

    def remove(self, call: Call) -> Reply:
        """RemovePermission."""
        function, qualifier = self._resource(call)
        with function.lock:
            refuse_stale(function, call.query.get("RevisionId"))
            held = function.permissions.get(qualifier) or []
            kept = [each for each in held if each["Sid"] != call.words["statement"]]
            if len(kept) == len(held):
                raise not_found(f"Statement {call.words['statement']} is not found in "
                                "resource policy.")  # fmt: skip
            function.permissions[qualifier] = kept
            function.renew_policy()
        return Reply(status=204)

    def _resource(self, call: Call) -> tuple[Function, str | None]:
        function, qualifier = self._directory.find(call)
        if qualifier == LATEST:
            raise invalid("We currently do not support adding policies for $LATEST.")
        if qualifier and qualifier not in function.aliases and function.find(qualifier) is None:
            raise no_function(f"{function.arn}:{qualifier}")
        return function, qualifier


def written(body: dict[str, Any], resource: str) -> dict[str, Any]:
    """The policy statement of an AddPermission."""
    principal = str(body["Principal"])
    shown: Any = {"AWS": principal}
    if principal == "*":
        shown = "*"
    elif principal.endswith(".amazonaws.com"):
        shown = {"Service": principal}
    elif principal.isdigit():
        shown = {"AWS": f"arn:aws:iam::{principal}:root"}
    statement: dict[str, Any] = {
        "Sid": body["StatementId"],
        "Effect": "Allow",
        "Principal": shown,
        "Action": body["Action"],
        "Resource": resource,
    }
    condition: dict[str, dict[str, str]] = {}
    if body.get("FunctionUrlAuthType"):
        condition.setdefault("StringEquals", {})[URL_TYPE] = body["FunctionUrlAuthType"]
    if body.get("SourceAccount"):
        condition.setdefault("StringEquals", {})["AWS:SourceAccount"] = body["SourceAccount"]
    if body.get("InvokedViaFunctionUrl") is not None:
        condition["Bool"] = {VIA_URL: str(bool(body["InvokedViaFunctionUrl"])).lower()}
    if body.get("SourceArn"):
        condition["ArnLike"] = {"AWS:SourceArn": body["SourceArn"]}
    return {**statement, "Condition": condition} if condition else statement


def refuse_stale(function: Function, revision: str | None) -> None:
    """Raises AwsError if `revision` is given and not the policy's current one."""
    if revision and revision != function.policy_revision:
        raise precondition("Policy")


def public(function: Function, qualifier: str | None, auth: str) -> bool:
    """Whether anybody may call a function URL of this auth type.

    Since October 2025 that takes both lambda:InvokeFunctionUrl and lambda:InvokeFunction (Lambda
    Developer Guide, "Control access to Lambda function URLs").
    """
    held = function.permissions.get(qualifier) or []
    open_to_all = [each for each in held if each["Principal"] in ("*", {"AWS": "*"})]
    return any(grants_url(each, auth) for each in open_to_all) and any(
        grants_invoke(each) for each in open_to_all
    )


def grants_url(statement: dict[str, Any], auth: str) -> bool:
    """Whether a statement allows lambda:InvokeFunctionUrl under an auth type."""
    wanted = {"StringEquals": {URL_TYPE: auth}}
    return statement["Action"] in ("lambda:InvokeFunctionUrl", "lambda:*") and (
        statement.get("Condition") in (None, wanted)
    )


def grants_invoke(statement: dict[str, Any]) -> bool:
    """Whether a statement allows lambda:InvokeFunction, at least through a URL."""
    wanted = {"Bool": {VIA_URL: "true"}}
    return statement["Action"] in ("lambda:InvokeFunction", "lambda:*") and (
        statement.get("Condition") in (None, wanted)
    )
