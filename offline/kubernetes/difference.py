"""The differences between two objects, by property path."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from offline.plugin.wire import UNKNOWN

Segment = str | int
Verb = Literal["ADD", "DELETE", "UPDATE"]


@dataclass(frozen=True)
class Difference:
    """One property that is not the same."""

    segments: tuple[Segment, ...]
    verb: Verb

    @property
    def path(self) -> str:
        """As Pulumi writes it: spec.ports[0].port, metadata.labels["a.b/c"]."""
        return _written(self.segments)

    def is_below(self, fixed: str) -> bool:
        """Whether it is, or is a part of, the property `fixed`, whose path has no indexes."""
        names = [each for each in self.segments if isinstance(each, str)]
        wanted = fixed.split(".")
        return names[: len(wanted)] == wanted


def differences(old: Any, new: Any, at: tuple[Segment, ...] = ()) -> Iterator[Difference]:
    """What `new` asks for that `old` did not; nothing and an empty list or map are the same."""
    if _empty(old) and _empty(new):
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in sorted({*old, *new}):
            yield from differences(old.get(key), new.get(key), (*at, key))
    elif isinstance(old, list) and isinstance(new, list):
        for index in range(max(len(old), len(new))):
            yield from differences(_item(old, index), _item(new, index), (*at, index))
    elif new is UNKNOWN or old != new or isinstance(old, bool) != isinstance(new, bool):
        yield Difference(at, _verb(old, new))


def _verb(old: Any, new: Any) -> Verb:
    if old is None:
        return "ADD"
    return "DELETE" if new is None else "UPDATE"


def _item(values: list[Any], index: int) -> Any:
    return values[index] if index < len(values) else None


def _empty(value: Any) -> bool:
    return value is None or value == {} or value == []


def _written(segments: tuple[Segment, ...]) -> str:
    text = ""
    for each in segments:
        if isinstance(each, int):
            text += f"[{each}]"
        elif re.fullmatch(r"[A-Za-z_$][\w$]*", each):
            text += f".{each}" if text else each
        else:
            text += f'["{each}"]'
    return text
