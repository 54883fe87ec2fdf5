"""Between Pulumi's camelCase blocks and the API's PascalCase structures."""

from collections.abc import Mapping
from typing import Any

import jmespath

from .wire import State


def to_api(value: Any, irregular: Mapping[str, str] | None = None) -> Any:
    """Blocks as the API wants them: keys capitalised, or as `irregular` says, without null."""
    names = irregular or {}
    if isinstance(value, Mapping):
        return {
            names.get(key, key[:1].upper() + key[1:]): to_api(item, names)
            for key, item in value.items()
            if item is not None
        }
    if isinstance(value, list):
        return [to_api(item, names) for item in value]
    return value


def from_api(value: Any, irregular: Mapping[str, str] | None = None) -> Any:
    """The inverse of to_api, with the same table of irregular names."""
    names = {theirs: ours for ours, theirs in (irregular or {}).items()}
    return _from_api(value, names)


def _from_api(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, Mapping):
        return {
            names.get(key, key[:1].lower() + key[1:]): _from_api(item, names)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [_from_api(item, names) for item in value]
    return value


def picked(paths: Mapping[str, str], answer: Any) -> State:
    """One property per JMESPath expression over the API's answer; absent ones are None."""
    return {name: jmespath.search(path, answer) for name, path in paths.items()}


def present(**arguments: Any) -> State:
    """The arguments that have a value: boto3 refuses None."""
    return {name: value for name, value in arguments.items() if value is not None}
