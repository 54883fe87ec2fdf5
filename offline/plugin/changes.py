"""The differences between what a resource is and what the program wants."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from .check import DEFAULTS
from .compare import is_empty, same
from .table import Property, ResourceType
from .wire import State


@dataclass(frozen=True)
class Changes:
    """kinds: property to ADD, DELETE or UPDATE, with _REPLACE where a new resource is needed."""

    kinds: Mapping[str, str]
    delete_before_replace: bool = False

    @property
    def names(self) -> frozenset[str]:
        """The changed properties."""
        return frozenset(self.kinds)

    @property
    def replaces(self) -> list[str]:
        """The properties whose change makes a new resource."""
        return sorted(name for name, kind in self.kinds.items() if kind.endswith("_REPLACE"))


def changes(
    kind: ResourceType[Any],
    olds: State,
    news: State,
    default_tags: Mapping[str, str],
    ignored: Collection[str] = (),
) -> Changes:
    """What differs between the state `olds` and the checked inputs `news`.

    Properties in `ignored` don't count: the program said `ignore_changes`.
    """
    kinds: dict[str, str] = {}
    for name, prop in kind.properties.items():
        if name in ignored:
            continue
        want, have = news.get(name), olds.get(name)
        if (want is None and prop.computed) or same(prop, want, have):
            continue
        kinds[name] = _verb(want, have) + ("_REPLACE" if _replaces(prop, news, want, have) else "")
    if kind.tagged:
        kinds |= _tag_changes(kinds, olds, wanted_tags(news, default_tags))
    replacing = any(verb.endswith("_REPLACE") for verb in kinds.values())
    return Changes(kinds, replacing and _must_delete_first(kind, kinds, news))


def wanted_tags(inputs: State, default_tags: Mapping[str, str]) -> dict[str, str]:
    """The resource's tags over the provider's default tags."""
    return {**default_tags, **(inputs.get("tags") or {})}


def _tag_changes(
    kinds: Mapping[str, str], olds: State, wanted: Mapping[str, str]
) -> dict[str, str]:
    """Changed default tags show as tagsAll; changed tags of the resource as tags alone."""
    if "tags" not in kinds and wanted != (olds.get("tagsAll") or {}):
        return {"tagsAll": "UPDATE"}
    return {}


def _verb(want: object, have: object) -> str:
    if is_empty(have):
        return "ADD"
    return "DELETE" if is_empty(want) else "UPDATE"


def _replaces(prop: Property, news: State, want: Any, have: Any) -> bool:
    if prop.replaces or (prop.replaces_if and news.get(prop.replaces_if)):
        return True
    if prop.replaces_when and prop.replaces_when(want, have):
        return True
    if prop.compare != "block" or not isinstance(want, dict) or not isinstance(have, dict):
        return False
    fixed = {name: field for name, field in prop.fields.items() if field.replaces and name in want}
    return any(not same(field, want[name], have.get(name)) for name, field in fixed.items())


def _must_delete_first(kind: ResourceType[Any], kinds: Mapping[str, str], news: State) -> bool:
    """A name that the program chose can't be given twice, so the old resource goes first."""
    chosen = [
        name
        for name, prop in kind.properties.items()
        if prop.named and name not in kinds and name not in (news.get(DEFAULTS) or [])
    ]
    return kind.delete_before_replace or bool(chosen)
