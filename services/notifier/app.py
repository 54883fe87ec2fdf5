"""Sends notices: `{"notify": "text"}` sends one, `{"ping": true}` only says that all is well.

Through the function URL a GET says what runs, and a POST takes the same events as JSON.
"""

import json
import os

from reference import value_of
from runtime import serve

HEALTHY = True


def version() -> str:
    """The published version of the function that runs."""
    return os.environ.get("AWS_LAMBDA_FUNCTION_VERSION", "unknown")


def handle(event: object) -> dict[str, object]:
    """What an event gives; raises ValueError for one that is none of ours."""
    if isinstance(event, dict) and "requestContext" in event:
        return handle_http(event)
    match event:
        case {"ping": True}:
            if not HEALTHY:
                raise RuntimeError("notices cannot be sent")
            return {"ok": True, "version": version()}
        case {"notify": str(text)} if text:
            return {"sent": True, "authorized": send(text), "version": version()}
    raise ValueError('the event has to be {"ping": true} or {"notify": "text"}')


def handle_http(event: dict[str, object]) -> dict[str, object]:
    """The answer to a request at the function URL."""
    method = event["requestContext"]["http"]["method"]  # type: ignore[index]
    if method == "GET":
        return {
            "statusCode": 200,
            "body": json.dumps({"service": "notifier", "version": version()}),
        }
    try:
        said = handle(json.loads(str(event.get("body") or "null")))
    except ValueError as error:
        return {"statusCode": 400, "body": json.dumps({"error": str(error)})}
    return {"statusCode": 200, "body": json.dumps(said)}


def send(text: str) -> bool:
    """Writes the notice to the log; whether a token was there to send it with, too."""
    reference = os.environ.get("TOKEN_ARN")
    token = value_of(reference) if reference else ""
    print(f"notice of {len(text)} characters, {'with' if token else 'without'} a token", flush=True)
    return bool(token)


if __name__ == "__main__":
    serve(handle)
