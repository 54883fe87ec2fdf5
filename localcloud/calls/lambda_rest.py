"""Lambda's requests as IAM actions: botocore's model knows which path is which operation."""

import functools
import json
import re
from typing import Any
from urllib.parse import parse_qs, unquote

import botocore.session

from localcloud.aws_request import AwsRequest, body_of
from localcloud.calls.need import Need

# The others are called as their operations are.
ACTIONS = {"Invoke": "InvokeFunction", "InvokeAsync": "InvokeFunction"}
PASSES = ("CreateFunction", "UpdateFunctionConfiguration")
PULLING = ("lambda:CreateFunction", "lambda:UpdateFunctionCode")


@functools.cache
def operations() -> list[tuple[str, re.Pattern[str], str]]:
    """Method, path and name of every operation, the paths with most fixed words first."""
    model = botocore.session.get_session().get_service_model("lambda")
    found = []
    for name in model.operation_names:
        http = model.operation_model(name).http
        uri = http["requestUri"].partition("?")[0].rstrip("/")
        words = re.split(r"\{(\w+)\+?\}", uri)
        pattern = "".join(
            re.escape(word) if index % 2 == 0 else f"(?P<{word}>[^/]+)"
            for index, word in enumerate(words)
        )
        found.append((http["method"], re.compile(pattern + "/?"), name, len(words)))
    found.sort(key=lambda each: (each[3], -len(each[1].pattern)))
    return [each[:3] for each in found]


def needs(request: AwsRequest, environ: dict[str, Any]) -> list[Need]:
    """What a request to Lambda needs."""
    path, method = unquote(environ.get("PATH_INFO", "/")), environ["REQUEST_METHOD"]
    for verb, pattern, name in operations():
        found = pattern.fullmatch(path) if verb == method else None
        if found:
            given = _given(name, environ)
            return _of_operation(request, name, {**given, **found.groupdict()}, environ)
    return [Need(action=f"lambda:{method} {path}")]


def _given(name: str, environ: dict[str, Any]) -> dict[str, Any]:
    if name in ACTIONS or environ["REQUEST_METHOD"] in ("GET", "DELETE"):
        return {}
    try:
        value = json.loads(body_of(environ) or b"{}")
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def repository(environ: dict[str, Any]) -> str:
    """The repository's name in the ImageUri of a request; empty without one."""
    given = _given("", environ)
    uri = str(given.get("ImageUri") or (given.get("Code") or {}).get("ImageUri") or "")
    return uri.partition("/")[2].partition("@")[0].partition(":")[0]


def _of_operation(
    request: AwsRequest, name: str, given: dict[str, Any], environ: dict[str, Any]
) -> list[Need]:
    query = parse_qs(environ.get("QUERY_STRING", ""))
    home = f"arn:aws:lambda:{request.region}:{request.account}:function"
    word = str(given.get("FunctionName") or "")
    resource = str(given.get("Resource") or word)
    if word and not word.startswith("arn:"):
        qualifier = str(query.get("Qualifier", [""])[0])
        resource = f"{home}:{word}" + (f":{qualifier}" if qualifier else "")
    keys = {
        "lambda:FunctionUrlAuthType": given.get("AuthType") or given.get("FunctionUrlAuthType"),
        "lambda:Principal": given.get("Principal"),
    }
    context = {key: [str(value)] for key, value in keys.items() if value}
    action = f"lambda:{ACTIONS.get(name, name)}"
    found = [Need(action=action, resource=resource or "*", context=context)]
    if name in PASSES and given.get("Role"):
        passed = {"iam:PassedToService": ["lambda.amazonaws.com"]}
        role = str(given["Role"])
        found.append(Need(action="iam:PassRole", resource=role, context=passed, by="implied"))
    if name == "CreateFunction" and given.get("Tags"):
        found.append(Need(action="lambda:TagResource", resource=resource, by="implied"))
    return found
