"""Which field manager owns what, as the cluster keeps it in metadata.managedFields.

https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management
"""

import json
from collections.abc import Mapping
from typing import Any

from offline.plugin.wire import State

from .objects import metadata_of

_OURS = frozenset(
    {
        *("before-first-apply", "kubectl", "pulumi-kubernetes", "pulumi-kubernetes.exe"),
        "pulumi-resource-kubernetes",
    }
)
"""Managers whose fields the official plugin takes over at an update."""


def structure(live: Mapping[str, Any]) -> State:
    """The fields of all managers: which lists are keyed, and by what, is the same for each."""
    found: State = {}
    for entry in metadata_of(live).get("managedFields") or []:
        found = merged(found, entry.get("fieldsV1") or {})
    return found


def keys_of(node: Mapping[str, Any]) -> tuple[str, ...]:
    """By which fields the items of a list are told apart; none where only the place counts."""
    for name in node:
        if name.startswith("k:"):
            return tuple(json.loads(name[2:]))
    return ()


def taken_over(live: Mapping[str, Any], manager: str) -> list[State] | None:
    """managedFields with all of ours as applied by `manager`; None if they are so already.

    What was made by a plain create belongs to an entry of its own, and would stay when an apply
    leaves it out.
    """
    entries: list[State] = list(metadata_of(live).get("managedFields") or [])
    ours = [each for each in entries if _is_ours(each, manager)]
    if not any(each["operation"] == "Update" or each["manager"] != manager for each in ours):
        return None
    fields: State = {}
    for each in ours:
        fields = merged(fields, each.get("fieldsV1") or {})
    applied = {**ours[0], "manager": manager, "operation": "Apply", "fieldsV1": fields}
    return [applied, *(each for each in entries if each not in ours)]


def _is_ours(entry: Mapping[str, Any], manager: str) -> bool:
    return not entry.get("subresource") and entry["manager"] in {*_OURS, manager}


def merged(first: Mapping[str, Any], second: Mapping[str, Any]) -> State:
    """The fields of both."""
    found = dict(first)
    for name, below in second.items():
        found[name] = merged(found.get(name) or {}, below)
    return found
