"""What an HTTP request asks of AWS: service, action, who, where."""

import io
import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote

from localcloud.accounts import account_of

SCOPE = re.compile(r"Credential=([^/,\s]+)/\d+/([^/]+)/([^/]+)/aws4_request")
QUERY_SCOPE = re.compile(r"X-Amz-Credential=([^/&]+)/\d+/([^/]+)/([^/]+)/aws4_request")
CBOR_OPERATION = re.compile(r"/service/[^/]+/operation/(\w+)$")
S3_VERBS = {"GET": "Get", "HEAD": "Head", "PUT": "Put", "POST": "Post", "DELETE": "Delete"}


@dataclass
class AwsRequest:
    """One call. `parameters` holds the JSON body or the form; S3 bodies are not read."""

    service: str
    action: str
    region: str
    account: str
    access_key: str
    protocol: str
    parameters: dict[str, Any] = field(default_factory=dict)

    def text(self, name: str) -> str | None:
        """The text parameter `name`, None if it isn't there."""
        value = self.parameters.get(name)
        return None if value is None else str(value)

    def items(self, name: str) -> list[Any]:
        """The list parameter `name`, empty if it isn't there."""
        value = self.parameters.get(name)
        return list(value) if isinstance(value, list) else []


def parse(environ: dict[str, Any]) -> AwsRequest:
    """Reads a WSGI environment; a body that was read is put back for the next reader."""
    access_key, region, service = _scope(environ)
    target = environ.get("HTTP_X_AMZ_TARGET", "")
    method = environ.get("REQUEST_METHOD", "GET")
    path = environ.get("PATH_INFO", "/")
    kind = environ.get("CONTENT_TYPE", "") or ""
    parameters: dict[str, Any] = {}
    cbor = CBOR_OPERATION.search(path)
    if target:
        protocol, action = "json", target.rpartition(".")[2]
        parameters = _json(body_of(environ))
    elif cbor:
        protocol, action = "json", cbor.group(1)
    elif kind.startswith("application/x-www-form-urlencoded") and service != "s3":
        form = parse_qs(body_of(environ).decode(), keep_blank_values=True)
        parameters = {name: values[0] for name, values in form.items()}
        action = parameters.get("Action", "")
        protocol = "ec2" if service == "ec2" else "query"
    else:
        protocol = "s3" if service == "s3" else "json"
        action = f"{S3_VERBS.get(method, method)} {path}"
    account = account_of(access_key)
    return AwsRequest(service, action, region, account, access_key, protocol, parameters)


def _scope(environ: dict[str, Any]) -> tuple[str, str, str]:
    query = unquote(environ.get("QUERY_STRING", ""))
    found = SCOPE.search(environ.get("HTTP_AUTHORIZATION", "")) or QUERY_SCOPE.search(query)
    if not found:
        return "", "us-east-1", "s3"
    access_key, region, service = found.groups()
    return access_key, region, service.lower()


def body_of(environ: dict[str, Any]) -> bytes:
    """The body of a WSGI request; the next reader finds it again."""
    length = int(environ.get("CONTENT_LENGTH") or 0)
    body: bytes = environ["wsgi.input"].read(length) if length else b""
    environ["wsgi.input"] = io.BytesIO(body)
    return body


def _json(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body or b"{}")
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
