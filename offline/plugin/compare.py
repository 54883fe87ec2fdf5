"""When two property values mean the same, as AWS and the official plugin see it."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import yaml

from .table import Property
from .wire import State, has_unknown


def is_empty(value: Any) -> bool:
    """Null, zero, false, an empty text, or a container of nothing but such values."""
    if isinstance(value, Mapping):
        return all(is_empty(item) for item in value.values())
    if isinstance(value, list):
        return not value
    return not value


def same(prop: Property, want: Any, have: Any) -> bool:
    """Whether `want` (the program's value) asks for nothing that `have` is not already."""
    if has_unknown(want) or has_unknown(have):
        return False
    if is_empty(want) and is_empty(have):
        return True
    if want is None or have is None:
        return False
    if prop.compare in ("block", "blocks", "blockset"):
        return _same_blocks(prop, want, have)
    compare = prop.compare if callable(prop.compare) else _COMPARISONS[prop.compare]
    return compare(want, have)


def settled(properties: Mapping[str, Property], prior: State, seen: State) -> State:
    """What the API tells, in the spelling known before wherever both mean the same."""
    result = dict(seen)
    for name, value in seen.items():
        prop = properties.get(name)
        if prop is None or prop.compare == "block" or name not in prior:
            continue
        if same(prop, prior[name], value):
            result[name] = prior[name]
    return result


def _same_blocks(prop: Property, want: Any, have: Any) -> bool:
    if prop.compare == "block":
        return _same_fields(prop.fields, want, have)
    if len(want) != len(have):
        return False
    if prop.compare == "blocks":
        return all(_same_fields(prop.fields, w, h) for w, h in zip(want, have, strict=True))
    left = list(have)
    for block in want:
        match = next((h for h in left if _same_fields(prop.fields, block, h)), None)
        if match is None:
            return False
        left.remove(match)
    return True


def _same_fields(fields: Mapping[str, Property], want: State | None, have: State | None) -> bool:
    want, have = want or {}, have or {}
    return all(
        (field.computed and want.get(name) is None) or same(field, want.get(name), have.get(name))
        for name, field in fields.items()
    )


def _plain(want: Any, have: Any) -> bool:
    if isinstance(want, bool) or isinstance(have, bool):
        return str(want).lower() == str(have).lower()
    return bool(want == have) or str(want) == str(have)


def _set(want: Any, have: Any) -> bool:
    return sorted(map(str, want)) == sorted(map(str, have))


def parsed(parse: Callable[[str], Any]) -> Callable[[Any, Any], bool]:
    """Equality of two texts by what `parse` makes of them; as texts where it can't."""

    def equal(want: Any, have: Any) -> bool:
        try:
            return bool(parse(want) == parse(have))
        except (ValueError, TypeError, AttributeError, yaml.YAMLError):
            return bool(want == have)

    return equal


_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "plain": _plain,
    "map": lambda want, have: bool(want == have),
    "set": _set,
    "json": parsed(json.loads),
    "document": parsed(yaml.safe_load),
}
