"""One call of Lambda's REST API, and how its answers look."""

import datetime
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, unquote

from localcloud.aws_error import Answer, AwsError
from localcloud.aws_request import parse

NAME = re.compile(
    r"(arn:aws[\w-]*:lambda:(?P<region>[\w-]+):(?P<account>\d{12}):function:"
    r"|(?P<partial>\d{12}):function:)?"
    r"(?P<name>[a-zA-Z0-9_-]{1,64})(:(?P<qualifier>\$LATEST|[a-zA-Z0-9_-]{1,128}))?"
)


@dataclass(frozen=True, kw_only=True)
class Call:
    """Who asks what: `words` are the parts of the path that its route leaves open."""

    account: str
    region: str
    method: str
    path: str
    query: Mapping[str, str]
    lists: Mapping[str, list[str]]
    headers: Mapping[str, str]
    """By their names in lower case."""
    body: bytes
    words: Mapping[str, str] = field(default_factory=dict)

    @property
    def json(self) -> dict[str, Any]:
        """The body; raises AwsError if it is no JSON object."""
        try:
            value = json.loads(self.body or b"{}")
        except ValueError as error:
            message = f"Could not parse request body into json: {error}"
            raise AwsError("InvalidRequestContentException", message, 400) from error
        return value if isinstance(value, dict) else {}


@dataclass(frozen=True, kw_only=True)
class Reply:
    """An answer that is not just JSON with the route's status."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


Handler = Callable[[Call], "dict[str, Any] | Reply | None"]


@dataclass(frozen=True, kw_only=True)
class Route:
    """A call of the API: `{word}` in the path stands for anything without a slash."""

    method: str
    path: str
    status: int
    handler: Handler

    def match(self, method: str, path: str) -> dict[str, str] | None:
        """The words of a path that is this route's, else None."""
        pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", self.path)
        found = re.fullmatch(pattern + "/?", path) if method == self.method else None
        return {key: unquote(value) for key, value in found.groupdict().items()} if found else None


def read(environ: dict[str, Any]) -> Call:
    """The call of a WSGI environment."""
    request = parse(environ)
    length = int(environ.get("CONTENT_LENGTH") or 0)
    lists = parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)
    return Call(
        account=request.account,
        region=request.region,
        method=environ["REQUEST_METHOD"],
        path=environ["PATH_INFO"],
        query={key: values[0] for key, values in lists.items()},
        lists=lists,
        headers={
            key[5:].replace("_", "-").lower(): str(value)
            for key, value in environ.items()
            if key.startswith("HTTP_")
        },
        body=environ["wsgi.input"].read(length) if length else b"",
    )


def answer(reply: Reply) -> Answer:
    """Status line, headers and body of a reply."""
    status = f"{reply.status} {HTTPStatus(reply.status).phrase}"
    headers = {"Content-Type": "application/json", "x-amzn-RequestId": "local", **reply.headers}
    headers["Content-Length"] = str(len(reply.body))
    body: Iterable[bytes] = [reply.body]
    return status, list(headers.items()), body


def refusal(error: AwsError) -> Reply:
    """The answer for an error, as Lambda's own errors look."""
    body = {"Type": "User" if error.status < 500 else "Service", "Message": error.message}
    return Reply(
        status=error.status,
        body=json.dumps(body).encode(),
        headers={"x-amzn-ErrorType": error.code},
    )


def now() -> str:
    """The time as Lambda writes it."""
    return f"{datetime.datetime.now(datetime.UTC):%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "+0000"
