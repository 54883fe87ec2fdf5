"""The loop of a Lambda runtime: takes an event, hands back what the handler makes of it.

awslambdaric does the same and more, and needs a compiler and the network when the image is built;
this needs neither (Lambda Developer Guide, "Using the Lambda runtime API").
"""

import json
import os
import traceback
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any

Handler = Callable[[Any], object]


def serve(handler: Handler) -> None:
    """Handles events for as long as Lambda wants."""
    while True:
        headers, event = call("invocation/next")
        path = f"invocation/{headers['Lambda-Runtime-Aws-Request-Id']}"
        try:
            result = json.dumps(handler(json.loads(event)))
        except Exception as error:
            traceback.print_exc()
            report = {"errorType": type(error).__name__, "errorMessage": str(error)}
            call(f"{path}/error", json.dumps(report))
        else:
            call(f"{path}/response", result)


def call(path: str, body: str | None = None) -> tuple[Mapping[str, str], bytes]:
    """One call of the runtime API; `next` waits as long as it takes."""
    url = f"http://{os.environ['AWS_LAMBDA_RUNTIME_API']}/2018-06-01/runtime/{path}"
    with urllib.request.urlopen(url, None if body is None else body.encode()) as answer:
        return answer.headers, answer.read()
