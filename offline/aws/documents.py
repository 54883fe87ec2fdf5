"""When two documents mean the same to AWS: policies, security group rules."""

import json
from typing import Any

from offline.plugin.compare import parsed
from offline.plugin.wire import State

_SETS_IN_POLICIES = frozenset({"Action", "NotAction", "Resource", "NotResource"})


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


def same_rules(want: Any, have: Any) -> bool:
    """Whether inline security group rules let the same through."""
    return flat_rules(want) == flat_rules(have)


same_policy = parsed(_policy)
"""Whether two policy texts allow the same, whatever the order of statements and actions."""
