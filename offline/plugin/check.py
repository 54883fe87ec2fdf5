"""Inputs are checked by name before anything happens; defaults and names are filled in."""

import random
import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .table import InvokeType, Property, ResourceType
from .wire import State

DEFAULTS = "__defaults"


class RefusedError(Exception):
    """The program asked for something that the plugin will not do; the text says all."""


@dataclass(frozen=True)
class Checked:
    """The inputs with defaults, and the failures as (property, reason)."""

    inputs: State
    failures: list[tuple[str, str]] = field(default_factory=list)


def check(kind: ResourceType[Any], logical: str, news: State, olds: State, seed: bytes) -> Checked:
    """Unknown and missing properties of a resource, all at once, and its inputs with defaults.

    olds are the former inputs: a name made earlier is kept. seed makes new names repeatable.
    """
    given = {key: value for key, value in news.items() if key != DEFAULTS and value is not None}
    failures = [*_unknown(kind.token, "", kind.properties, given)]
    failures += _missing(kind.token, "", kind.properties, given)
    filled: list[str] = []
    for name, prop in kind.properties.items():
        if name in given:
            continue
        if prop.named:
            given[name] = _kept_name(name, olds) or physical_name(prop.named, logical, seed)
            filled.append(name)
            failures += _too_long(kind.token, name, prop, given[name])
        elif prop.default is not None:
            given[name] = prop.default
            filled.append(name)
    failures += [(name, f"{kind.token}: {why}") for name, why in kind.refuse(given)]
    return Checked({**given, DEFAULTS: sorted(filled)}, failures)


def check_invoke(kind: InvokeType[Any], arguments: State) -> None:
    """Raises RefusedError naming an argument that is not known or is missing."""
    for name, value in arguments.items():
        if name not in kind.arguments and value is not None:
            raise RefusedError(_unknown_text(kind.token, "argument", name, kind.arguments))
    for name, required in kind.arguments.items():
        if required and arguments.get(name) is None:
            raise RefusedError(f"{kind.token}: argument '{name}' is required and was not given")


def unknown_type(what: str, token: str, known: Mapping[str, object]) -> RefusedError:
    """The refusal of a resource type or lookup by its token."""
    return RefusedError(
        f"{token}: this {what} is not known to the offline {package_of(token)} plugin; known: "
        f"{', '.join(sorted(known))}; {way_out(token)}"
    )


def package_of(token: str) -> str:
    """The plugin's name in a token: aws in aws:ecs/cluster:Cluster."""
    return token.partition(":")[0]


def way_out(token: str) -> str:
    """What a reader can do about a type or property that the stand-in doesn't know."""
    package = package_of(token)
    return (
        f"the official plugin knows more: `pulumi plugin install resource {package}` where "
        f"Pulumi's server can be reached, else add it to offline/{package}"
    )


def physical_name(style: str, logical: str, seed: bytes) -> str:
    """The official plugin's name: the logical name, a dash and 7 hex digits."""
    if style == "logical":
        return logical
    digits = random.Random(seed or None).choices(string.hexdigits[:16], k=7)  # noqa: S311
    name = f"{logical}-{''.join(digits)}"
    return name.lower() if style == "hex-lower" else name


def _too_long(token: str, name: str, prop: Property, made: str) -> list[tuple[str, str]]:
    if not prop.longest or len(made) <= prop.longest:
        return []
    why = f"{name} would be '{made}', longer than {prop.longest} characters; give {name} yourself"
    return [(name, f"{token}: {why}")]


def _kept_name(name: str, olds: State) -> Any:
    return olds.get(name) if name in (olds.get(DEFAULTS) or []) else None


def _unknown(
    token: str, path: str, known: Mapping[str, Property], given: State
) -> Iterator[tuple[str, str]]:
    for name, value in given.items():
        prop = known.get(name)
        if prop is None:
            yield path + name, _unknown_text(token, "property", path + name, known)
            continue
        for inner_path, block in _blocks(prop, path + name, value):
            yield from _unknown(token, inner_path + ".", prop.fields, block)


def _missing(
    token: str, path: str, known: Mapping[str, Property], given: State
) -> Iterator[tuple[str, str]]:
    for name, prop in known.items():
        if given.get(name) is None:
            if prop.required:
                yield path + name, f"{token}: property '{path}{name}' is required and was not given"
            continue
        for inner_path, block in _blocks(prop, path + name, given[name]):
            yield from _missing(token, inner_path + ".", prop.fields, block)


def _blocks(prop: Property, path: str, value: Any) -> Iterator[tuple[str, State]]:
    if prop.compare == "block" and isinstance(value, dict):
        yield path, value
    elif prop.fields and isinstance(value, list):
        for index, item in enumerate(value):
            if isinstance(item, dict):
                yield f"{path}[{index}]", item


def _unknown_text(token: str, what: str, name: str, known: Mapping[str, object]) -> str:
    return (
        f"{token}: {what} '{name}' is not known to the offline {package_of(token)} plugin; with "
        "the official plugin it would be checked against its own schema; known: "
        f"{', '.join(sorted(known)) or 'none'}; {way_out(token)}"
    )
