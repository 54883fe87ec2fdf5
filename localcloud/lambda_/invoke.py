"""The call Invoke."""

import base64
import json
import logging
import random
import threading
from typing import Any

from localcloud.aws_error import AwsError
from localcloud.lambda_.call import Call, Reply, Route
from localcloud.lambda_.directory import Directory
from localcloud.lambda_.invocations import Invocations
from localcloud.lambda_.records import LATEST, Function, Version
from localcloud.lambda_.refusals import constraint, in_state, no_function

PATH = "/2015-03-31/functions/{function}/invocations"
KINDS = ("RequestResponse", "Event", "DryRun")
# Lambda Developer Guide, "Lambda quotas": invocation payload.
MOST_BYTES = {"RequestResponse": 6_291_456, "DryRun": 6_291_456, "Event": 1_048_576}
LOG = logging.getLogger("localcloud.lambda")


class Invoke:
    """Answers Invoke: at once with the result, or before the function runs (Event)."""

    def __init__(self, directory: Directory, invocations: Invocations) -> None:
        self._directory, self._invocations = directory, invocations

    def routes(self) -> list[Route]:
        """Its route."""
        return [Route(method="POST", path=PATH, status=200, handler=self.invoke)]

    def invoke(self, call: Call) -> Reply:
        """Runs the version that the qualifier leads to."""
        function, qualifier = self._directory.find(call)
        kind = call.headers.get("x-amz-invocation-type", "RequestResponse")
        event = checked(call.body, kind)
        version = chosen(function, qualifier)
        arn = f"{function.arn}:{qualifier}" if qualifier else function.arn
        if kind == "DryRun":
            return Reply(status=204)
        if kind == "Event":
            if version.state != "Active":
                raise in_state(version.state)
            work = threading.Thread(
                target=self._later, args=(function, version, arn, event), daemon=True
            )
            work.start()
            return Reply(status=202)
        result = self._invocations.invoke(function, version, arn, event)
        headers = {"X-Amz-Executed-Version": result.version, "x-amzn-RequestId": result.request}
        if result.error:
            headers["X-Amz-Function-Error"] = "Unhandled"
        if call.headers.get("x-amz-log-type") == "Tail":
            headers["X-Amz-Log-Result"] = base64.b64encode(result.tail).decode()
        return Reply(status=200, body=result.payload, headers=headers)

    def _later(self, function: Function, version: Version, arn: str, event: bytes) -> None:
        try:
            self._invocations.invoke(function, version, arn, event)
        except AwsError as error:
            LOG.warning("event for %s is lost: %s", arn, error.message)


def checked(body: bytes, kind: str) -> bytes:
    """The event of an invocation; raises AwsError if it is too large or no JSON."""
    if kind not in KINDS:
        raise constraint(kind, "invocationType", f"satisfy enum value set: [{', '.join(KINDS)}]")
    if len(body) > MOST_BYTES[kind]:
        message = f"Request must be smaller than {MOST_BYTES[kind]} bytes for the InvokeFunction "
        raise AwsError("RequestTooLargeException", message + "operation", 413)
    event = body or b"{}"
    try:
        json.loads(event)
    except ValueError as error:
        message = f"Could not parse request body into json: {error}"
        raise AwsError("InvalidRequestContentException", message, 400) from error
    return event


def chosen(function: Function, qualifier: str | None) -> Version:
    """The version that a qualifier leads to; an alias with weights draws one. Raises AwsError."""
    number = qualifier or LATEST
    alias = function.aliases.get(number)
    if alias is not None:
        number = drawn(alias.version, dict(alias.weights))
    if number == LATEST:
        return function.serving
    version = function.versions.get(number)
    if version is None:
        raise no_function(f"{function.arn}:{qualifier}")
    return version


def drawn(version: str, weights: dict[str, Any]) -> str:
    """The version, or as often as its weight says the additional one."""
    for other, weight in weights.items():
        if random.random() < weight:  # noqa: S311 -- traffic is shared, nothing is secret
            return str(other)
    return version
