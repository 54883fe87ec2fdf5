"""Recorded resources, whoever recorded them, and how a property of one is loosened."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.engine import Recorded

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""What the engine writes for a value that is not known before the update."""


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One resource as Pulumi's engine gets it."""

    type: str
    """Type token, such as aws:s3/bucket:Bucket."""
    name: str
    """Logical name."""
    inputs: dict[str, Any]
    """Properties in camel case."""
    protect: bool = False
    """Whether Pulumi refuses to delete it."""

    @staticmethod
    def recorded(found: Recorded) -> Resource:
        """From a recording of the mocks."""
        return Resource(
            type=found.type, name=found.name, inputs=dict(found.inputs), protect=found.protect
        )

    @staticmethod
    def exported(found: Mapping[str, Any]) -> Resource:
        """From one resource of `pulumi stack export`."""
        inputs = {k: v for k, v in (found.get("inputs") or {}).items() if not k.startswith("__")}
        return Resource(
            type=found["type"],
            name=found["urn"].rsplit("::", 1)[1],
            inputs=inputs,
            protect=bool(found.get("protect")),
        )

    def get(self, path: str, default: Any = None) -> Any:
        """A property by its path, such as `metadataOptions.httpTokens`."""
        value: Any = self.inputs
        for word in path.split("."):
            if isinstance(value, list):
                value = value[int(word)] if int(word) < len(value) else None
            else:
                value = (value or {}).get(word)
        return default if value is None else value

    def policy(self, path: str) -> list[dict[str, Any]]:
        """The statements of a policy that is a property."""
        document = json.loads(self.get(path, '{"Statement": []}'))
        statements = document["Statement"]
        return [statements] if isinstance(statements, dict) else list(statements)


Resources = tuple[Resource, ...]
Loosening = Callable[[Resources], Resources]
"""What makes a copy of resources in which one property is loosened."""


def of(resources: Iterable[Resource], *types: str) -> list[Resource]:
    """Those of these types."""
    return [each for each in resources if each.type in types]


def put(type_: str, path: str, value: Any) -> Loosening:
    """Sets a property in every resource of a type; None removes it."""

    def loosened(resources: Resources) -> Resources:
        return _changed(resources, type_, lambda inputs: _set(inputs, path.split("."), value))

    return loosened


def without(type_: str) -> Loosening:
    """Leaves out every resource of a type."""
    return lambda resources: tuple(each for each in resources if each.type != type_)


def with_one(type_: str, **inputs: Any) -> Loosening:
    """Adds a resource."""
    return lambda resources: (*resources, Resource(type=type_, name="stray", inputs=inputs))


def rewritten(type_: str, path: str, change: Callable[[Any], None]) -> Loosening:
    """Changes the document that is a property, in every resource of a type."""

    def edit(inputs: dict[str, Any]) -> None:
        document = json.loads(inputs[path])
        change(document)
        inputs[path] = json.dumps(document)

    return lambda resources: _changed(resources, type_, edit)


def _changed(resources: Resources, type_: str, edit: Callable[[dict[str, Any]], None]) -> Resources:
    result = []
    for each in resources:
        inputs = copy.deepcopy(each.inputs)
        if each.type == type_:
            edit(inputs)
        result.append(Resource(type=each.type, name=each.name, inputs=inputs, protect=each.protect))
    return tuple(result)


def _set(inputs: dict[str, Any], words: list[str], value: Any) -> None:
    holder: Any = inputs
    for word in words[:-1]:
        holder = holder[int(word)] if isinstance(holder, list) else holder.setdefault(word, {})
    if value is None:
        holder.pop(words[-1], None)
    else:
        holder[words[-1]] = value
