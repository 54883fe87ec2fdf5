"""When two property values mean the same, as AWS and the official plugin see it."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import yaml

from .table import Comparison, Property
from .wire import State, has_unknown

_SETS_IN_POLICIES = frozenset({"Action", "NotAction", "Resource", "NotResource"})


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
    return _COMPARISONS[prop.compare](want, have)


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


def _parsed(parse: Callable[[str], Any]) -> Callable[[Any, Any], bool]:
    def equal(want: Any, have: Any) -> bool:
        try:
            return bool(parse(want) == parse(have))
        except (ValueError, yaml.YAMLError):
            return bool(want == have)

    return equal


def _policy(text: str) -> Any:
    document = json.loads(text)
    statements = document.get("Statement", [])
    statements = statements if isinstance(statements, list) else [statements]
    normal = sorted(
        (_statement(item) for item in statements), key=lambda s: json.dumps(s, sort_keys=True)
    )
    return {**document, "Statement": normal}


def _statement(statement: State) -> State:
    result: State = {
        key: sorted(_as_list(value)) if key in _SETS_IN_POLICIES else value
        for key, value in sorted(statement.items())
        if not (key == "Sid" and not value)
    }
    for key in ("Principal", "NotPrincipal"):
        if key in result:
            result[key] = _principals(result[key])
    if "Condition" in result:
        result["Condition"] = {
            operator: {key: sorted(map(str, _as_list(value))) for key, value in test.items()}
            for operator, test in result["Condition"].items()
        }
    return result


def _principals(value: Any) -> State:
    by_kind = {"AWS": "*"} if value == "*" else value
    return {kind: sorted(map(_account, _as_list(who))) for kind, who in sorted(by_kind.items())}


def _account(principal: str) -> str:
    if principal.isdigit() and len(principal) == 12:
        return f"arn:aws:iam::{principal}:root"
    return principal


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def flat_rules(rules: list[State]) -> list[tuple[str, ...]]:
    """Inline security group rules as single (protocol, ports, source, description) entries."""
    flat = []
    for rule in rules:
        head = tuple(str(rule.get(key) or 0) for key in ("protocol", "fromPort", "toPort"))
        for kind in ("cidrBlocks", "ipv6CidrBlocks", "prefixListIds", "securityGroups"):
            for source in rule.get(kind) or []:
                flat.append((*head, kind, str(source), str(rule.get("description") or "")))
        if rule.get("self"):
            flat.append((*head, "self", "", str(rule.get("description") or "")))
    return sorted(flat)


_COMPARISONS: Mapping[Comparison, Callable[[Any, Any], bool]] = {
    "plain": _plain,
    "map": lambda want, have: bool(want == have),
    "set": _set,
    "json": _parsed(json.loads),
    "policy": _parsed(_policy),
    "document": _parsed(yaml.safe_load),
    "rules": lambda want, have: flat_rules(want) == flat_rules(have),
}
