"""Attributes of load balancers and target groups: texts by key, as blocks of properties."""

from collections.abc import Mapping
from typing import Any

from offline.plugin.wire import State


def to_attributes(keys: Mapping[str, str], props: State) -> list[dict[str, str]]:
    """The attributes of the properties that the program gives."""
    given = {theirs: props.get(ours) for ours, theirs in keys.items()}
    return [
        {"Key": key, "Value": str(value).lower() if isinstance(value, bool) else str(value)}
        for key, value in given.items()
        if value is not None
    ]


def from_attributes(keys: Mapping[str, str], told: list[dict[str, str]]) -> State:
    """The properties of the attributes that AWS tells."""
    values = {each["Key"]: each["Value"] for each in told}
    return {ours: _parsed(values[theirs]) for ours, theirs in keys.items() if theirs in values}


def _parsed(text: str) -> Any:
    if text in ("true", "false"):
        return text == "true"
    return int(text) if text.isdigit() else text
