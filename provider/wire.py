"""Property bags as the engine sends them, to and from plain Python values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from google.protobuf import struct_pb2

# What stands for a value that a preview can't know. These three are words of Pulumi's protocol,
# which its SDK has in `pulumi.runtime.rpc`.
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_SIGNATURE = "4dabf18193072939515e22adb298388d"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 -- a marker


def decode(bag: struct_pb2.Struct) -> dict[str, Any]:
    """A property bag as a dict: whole numbers are int, secrets are unwrapped, nulls left out."""
    return {
        name: _decode(value)
        for name, value in bag.fields.items()
        if value.WhichOneof("kind") != "null_value"
    }


def _decode(value: struct_pb2.Value) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        inner = decode(value.struct_value)
        return inner.get("value") if inner.get(_SIGNATURE) == _SECRET else inner
    if kind == "list_value":
        return [_decode(each) for each in value.list_value.values]
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() else number
    return None if kind in (None, "null_value") else getattr(value, kind)


def encode(values: Mapping[str, Any]) -> struct_pb2.Struct:
    """The property bag of plain values; None is left out."""
    bag = struct_pb2.Struct()
    bag.update({name: value for name, value in values.items() if value is not None})
    return bag


def is_known(value: Any) -> bool:
    """Whether a value, and everything in it, is known."""
    if isinstance(value, dict):
        return all(is_known(each) for each in value.values())
    if isinstance(value, list):
        return all(is_known(each) for each in value)
    return bool(value != UNKNOWN)
