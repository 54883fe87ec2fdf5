"""HTTP as a function sees it: payload format 2.0 (Lambda Developer Guide, "Invoking Lambda
function URLs")."""

import base64
import datetime
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

TEXTS = ("text/", "application/json", "application/xml", "application/javascript")
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, kw_only=True)
class HttpRequest:
    """A request to a function URL."""

    method: str
    path: str
    """As it was sent, percent-encoded."""
    query: str
    headers: Iterable[tuple[str, str]]
    body: bytes
    address: str
    """Who asks."""
    host: str


@dataclass(frozen=True, kw_only=True)
class HttpAnswer:
    """What goes back."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: tuple[str, ...] = ()


def event_of(request: HttpRequest, url_id: str, request_id: str) -> dict[str, Any]:
    """The event for a request."""
    headers = joined((name.lower(), value) for name, value in request.headers)
    cookies = [part.strip() for part in headers.pop("cookie", "").split(";") if part.strip()]
    now = datetime.datetime.now(datetime.UTC)
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": request.path,
        "rawQueryString": request.query,
        "headers": headers,
        "requestContext": {
            "accountId": "anonymous",
            "apiId": url_id,
            "domainName": request.host,
            "domainPrefix": url_id,
            "http": {
                "method": request.method,
                "path": request.path,
                "protocol": "HTTP/1.1",
                "sourceIp": request.address,
                "userAgent": headers.get("user-agent", ""),
            },
            "requestId": request_id,
            "routeKey": "$default",
            "stage": "$default",
            "time": f"{now:%d/%b/%Y:%H:%M:%S +0000}",
            "timeEpoch": int(now.timestamp() * 1000),
        },
        "isBase64Encoded": False,
    }
    if cookies:
        event["cookies"] = cookies
    if request.query:
        event["queryStringParameters"] = joined(parse_qsl(request.query, keep_blank_values=True))
    if request.body:
        event |= body_of(request.body, headers.get("content-type", ""))
    return event


def joined(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Values of the same name joined by commas."""
    values: dict[str, str] = {}
    for name, value in pairs:
        values[name] = f"{values[name]},{value}" if name in values else value
    return values


def body_of(body: bytes, kind: str) -> dict[str, Any]:
    """A text as it is, everything else in base64."""
    if kind.startswith(TEXTS):
        try:
            return {"body": body.decode(), "isBase64Encoded": False}
        except UnicodeDecodeError:
            pass
    return {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}


def answer_of(payload: bytes) -> HttpAnswer:
    """The answer that a function's result means: with `statusCode` as it says, else JSON.

    An answer that can't be read so is Lambda's 502.
    """
    try:
        value = json.loads(payload)
    except ValueError:
        return bad_gateway()
    if not isinstance(value, dict) or "statusCode" not in value:
        body = value.encode() if isinstance(value, str) else json.dumps(value).encode()
        return HttpAnswer(status=200, body=body, headers={"Content-Type": "application/json"})
    try:
        text = value.get("body", "")
        text = text if isinstance(text, str) else json.dumps(text)
        encoded = bool(value.get("isBase64Encoded"))
        headers = {str(key): str(each) for key, each in (value.get("headers") or {}).items()}
        if not any(key.lower() == "content-type" for key in headers):
            headers["Content-Type"] = "application/json"
        return HttpAnswer(
            status=int(value["statusCode"]),
            body=base64.b64decode(text) if encoded else text.encode(),
            headers=headers,
            cookies=tuple(str(each) for each in value.get("cookies") or ()),
        )
    except (TypeError, ValueError, AttributeError):
        return bad_gateway()


def bad_gateway() -> HttpAnswer:
    """What a caller sees of a function that failed or answered nonsense."""
    return plain(502, "Internal Server Error")


def plain(status: int, message: str) -> HttpAnswer:
    """An answer of Lambda itself."""
    if status != 502:
        body = json.dumps({"Message": message}).encode()
        return HttpAnswer(status=status, body=body, headers={"Content-Type": "application/json"})
    return HttpAnswer(status=502, body=message.encode(), headers={"Content-Type": "text/plain"})
