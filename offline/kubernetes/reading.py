"""A live object as a program would have written it: only what the program speaks of."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from offline.plugin.wire import UNKNOWN, State

from .objects import decoded
from .ownership import keys_of, merged, structure

_SERVERS = frozenset(
    {
        *("creationTimestamp", "generation", "managedFields", "resourceVersion", "selfLink"),
        *("uid", "ownerReferences"),
    }
)
_DECIDED = ("uid", "resourceVersion", "generation", "creationTimestamp")
_NOT_FORESEEN = ("resourceVersion", "generation")
_AMOUNTS = frozenset({"limits", "requests", "hard", "capacity", "min", "max", "default"})
_UNITS = {
    "n": Decimal("1e-9"), "u": Decimal("1e-6"), "m": Decimal("1e-3"), "": Decimal(1),
    **{unit: Decimal(1000) ** power for power, unit in enumerate("kMGTPE", 1)},
    **{f"{unit}i": Decimal(1024) ** power for power, unit in enumerate("KMGTPE", 1)},
}  # fmt: skip


def as_written(inputs: State, live: State) -> State:
    """The inputs, with other values where the object has others."""
    given = dict(live)
    if isinstance(inputs.get("stringData"), Mapping):
        data = live.get("data") or {}
        given["stringData"] = {key: decoded(str(value)) for key, value in data.items()}
    same: State = {key: inputs[key] for key in ("apiVersion", "kind") if key in inputs}
    seen: State = _seen(inputs, given, structure(live), "")
    return {**seen, **same}


def imported(live: State) -> State:
    """Inputs that describe an object of which no program speaks yet."""
    metadata = {k: v for k, v in live["metadata"].items() if k not in _SERVERS}
    return {**{k: v for k, v in live.items() if k != "status"}, "metadata": metadata}


def foreseen_new(inputs: State, answer: State) -> State:
    """What is known of an object before it is made: what the program says, and its place.

    What the cluster decides is open, even where a trial has an answer: it may decide otherwise.
    """
    known: State = _open(inputs, answer)
    if known.get("metadata") is UNKNOWN:
        return {**known, "status": UNKNOWN}
    metadata = {key: UNKNOWN for key in _DECIDED}
    place = {k: answer["metadata"][k] for k in ("name", "namespace") if k in answer["metadata"]}
    if inputs.get("kind") == "Service" and isinstance(known.get("spec"), Mapping):
        known["spec"] = {"clusterIP": UNKNOWN, "clusterIPs": UNKNOWN, **known["spec"]}
    return {
        **known,
        "metadata": {**(known.get("metadata") or {}), **metadata, **place},
        "status": UNKNOWN,
    }


def foreseen(answer: State) -> State:
    """What an object will be after an update that was tried."""
    moving = {key: UNKNOWN for key in _NOT_FORESEEN}
    return {**answer, "metadata": {**answer["metadata"], **moving}, "status": UNKNOWN}


def _open(inputs: Any, answer: Any) -> Any:
    if isinstance(inputs, Mapping) and isinstance(answer, Mapping):
        others = {key: UNKNOWN for key in answer if key not in inputs}
        return {**others, **{key: _open(item, answer.get(key)) for key, item in inputs.items()}}
    if isinstance(inputs, list) and isinstance(answer, list) and len(inputs) == len(answer):
        return [_open(one, other) for one, other in zip(inputs, answer, strict=True)]
    return inputs


def _seen(inputs: Any, live: Any, node: Mapping[str, Any], name: str) -> Any:
    if isinstance(inputs, Mapping) and isinstance(live, Mapping):
        return {
            key: _seen(item, live.get(key), node.get(f"f:{key}") or {}, _name(key, name))
            for key, item in inputs.items()
            if live.get(key) is not None or not item
        }
    if isinstance(inputs, list) and isinstance(live, list):
        return _seen_list(inputs, live, node, name)
    if live is None or live == inputs:
        return inputs
    return inputs if name in _AMOUNTS and _amount(inputs) == _amount(live) else live


def _seen_list(inputs: list[Any], live: list[Any], node: Mapping[str, Any], name: str) -> Any:
    keys = keys_of(node)
    if not keys:
        paired = [_seen(one, other, {}, name) for one, other in zip(inputs, live, strict=False)]
        return [*paired, *live[len(inputs) :]]
    inner: State = {}
    for key, below in node.items():
        inner = merged(inner, below) if key.startswith("k:") else inner
    found = []
    for item in inputs:
        given = {key: item[key] for key in keys if key in item}
        match = next((each for each in live if given.items() <= each.items()), None)
        if match is not None:
            found.append(_seen(item, match, inner, name))
    return found


def _name(key: str, above: str) -> str:
    """Amounts are told by what they stand in, such as limits."""
    return above if above in _AMOUNTS else key


def _amount(value: Any) -> Decimal | str:
    """https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/"""
    text = str(value)
    number = text.rstrip("numkKMGTPEi")
    try:
        return Decimal(number) * _UNITS[text[len(number) :]]
    except (ArithmeticError, KeyError):
        return text
