"""The tags that a call wants to give: AWS's services spell them in five ways."""

import re

from localcloud.aws_request import AwsRequest

QUERY = re.compile(r"((?:TagSpecification\.\d+\.)?(?:Tags?(?:\.member)?)\.\d+)\.Key$")


def requested_tags(request: AwsRequest) -> dict[str, list[str]]:
    """aws:RequestTag/<name> for each, and aws:TagKeys; empty without tags."""
    found = {**_of_form(request), **_of_json(request)}
    if not found:
        return {}
    tags = {f"aws:RequestTag/{name}": [value] for name, value in found.items()}
    return {**tags, "aws:TagKeys": sorted(found)}


def _of_form(request: AwsRequest) -> dict[str, str]:
    found = {}
    for name, value in request.parameters.items():
        match = QUERY.fullmatch(name)
        if match:
            found[str(value)] = str(request.parameters.get(f"{match[1]}.Value", ""))
    return found


def _of_json(request: AwsRequest) -> dict[str, str]:
    found: dict[str, str] = {}
    for word in ("tags", "Tags"):
        given = request.parameters.get(word)
        if isinstance(given, dict):
            found |= {str(name): str(value) for name, value in given.items()}
        for each in given if isinstance(given, list) else []:
            name = each.get("key", each.get("Key"))
            found[str(name)] = str(each.get("value", each.get("Value", "")))
    return found
