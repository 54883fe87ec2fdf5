"""AWS's error answers in the form that each protocol has for them."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from xml.sax.saxutils import escape

Answer = tuple[str, list[tuple[str, str]], Iterable[bytes]]


@dataclass
class AwsError(Exception):
    """An error as AWS gives it: its code, its sentence and its HTTP status."""

    code: str
    message: str
    status: int = 400


XML_FORMS = {
    "s3": "<Error><Code>{code}</Code><Message>{message}</Message>"
    "<RequestId>local</RequestId></Error>",
    "ec2": "<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error>"
    "</Errors><RequestID>local</RequestID></Response>",
    "query": "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code>"
    "<Message>{message}</Message></Error><RequestId>local</RequestId></ErrorResponse>",
}
STATUS_WORDS = {
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
    500: "Server Error",
    501: "Not Implemented",
}


def status_line(status: int) -> str:
    """ "400 Bad Request" of 400."""
    return f"{status} {STATUS_WORDS.get(status, 'OK')}"


def error_answer(error: AwsError, protocol: str) -> Answer:
    """Status line, headers and body of an error in `protocol`: json, query, ec2 or s3."""
    if protocol == "json":
        text = json.dumps({"__type": error.code, "message": error.message})
        kind = "application/x-amz-json-1.1"
    else:
        form = XML_FORMS[protocol]
        text = form.format(code=error.code, message=escape(error.message))
        kind = "text/xml"
    body = text.encode()
    headers = [("Content-Type", kind), ("Content-Length", str(len(body)))]
    if protocol == "json":
        headers.append(("x-amzn-ErrorType", error.code))
    return status_line(error.status), headers, [body]


def json_answer(value: object, status: int = 200) -> Answer:
    """Status line, headers and body of a JSON answer."""
    body = json.dumps(value).encode()
    headers = [
        ("Content-Type", "application/x-amz-json-1.1"),
        ("Content-Length", str(len(body))),
        ("x-amzn-RequestId", "local"),
    ]
    return status_line(status), headers, [body]
