"""Pulumi's property wire format as plain Python values, and back."""

import math
from collections.abc import Mapping
from typing import Any, Final

from google.protobuf import struct_pb2

SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 (a marker, not a secret)
OUTPUT: Final = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
UNKNOWN_MARK: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"

State = dict[str, Any]


class Unknown:
    """A value that is known only after the update; `UNKNOWN` is its only instance."""

    def __repr__(self) -> str:
        return "<unknown>"


UNKNOWN: Final = Unknown()


class UnsupportedValueError(ValueError):
    """The program sent an asset, an archive or a resource reference."""


def decode(value: struct_pb2.Value) -> Any:
    """The Python value; whole numbers become int, secrets and outputs are unwrapped.

    Raises UnsupportedValueError for assets, archives and resource references.
    """
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        return UNKNOWN if value.string_value == UNKNOWN_MARK else value.string_value
    if kind == "number_value":
        number = value.number_value
        return int(number) if math.isfinite(number) and number == int(number) else number
    if kind == "bool_value":
        return value.bool_value
    if kind == "list_value":
        return [decode(item) for item in value.list_value.values]
    if kind == "struct_value":
        return _decode_struct(value.struct_value)
    return None


def _decode_struct(struct: struct_pb2.Struct) -> Any:
    if SIGNATURE not in struct.fields:
        return decode_map(struct)
    signature = struct.fields[SIGNATURE].string_value
    if signature not in (SECRET, OUTPUT):
        raise UnsupportedValueError(
            "assets, archives and resource references are not supported by the offline plugins; "
            "give the content itself (content or contentBase64)"
        )
    if "value" not in struct.fields:
        return UNKNOWN
    return decode(struct.fields["value"])


def decode_map(struct: struct_pb2.Struct) -> State:
    """All fields of a struct, decoded."""
    return {key: decode(item) for key, item in struct.fields.items()}


def encode(value: Any) -> struct_pb2.Value:
    """The wire value of plain Python data and of UNKNOWN."""
    if value is UNKNOWN:
        return struct_pb2.Value(string_value=UNKNOWN_MARK)
    if value is None:
        return struct_pb2.Value(null_value=struct_pb2.NULL_VALUE)
    if isinstance(value, bool):
        return struct_pb2.Value(bool_value=value)
    if isinstance(value, int | float):
        return struct_pb2.Value(number_value=value)
    if isinstance(value, Mapping):
        return struct_pb2.Value(struct_value=encode_map(value))
    if isinstance(value, list | tuple):
        items = [encode(item) for item in value]
        return struct_pb2.Value(list_value=struct_pb2.ListValue(values=items))
    return struct_pb2.Value(string_value=str(value))


def encode_map(state: Mapping[str, Any]) -> struct_pb2.Struct:
    """A struct of all entries; entries that are None are left out."""
    return struct_pb2.Struct(
        fields={key: encode(item) for key, item in state.items() if item is not None}
    )


def secret(value: Any) -> State:
    """The value marked as a secret, so that Pulumi encrypts and masks it."""
    return {SIGNATURE: SECRET, "value": value}


def has_unknown(value: Any) -> bool:
    """Whether the value is, or holds anywhere inside, UNKNOWN."""
    if isinstance(value, Mapping):
        return any(has_unknown(item) for item in value.values())
    if isinstance(value, list):
        return any(has_unknown(item) for item in value)
    return value is UNKNOWN
