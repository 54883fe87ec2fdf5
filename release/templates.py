"""Name templates such as `v{version}-{short_sha}`: filled in, and read back from what they gave.

A template is only of use if a name tells again what it was made of: the registry is where
versions are looked up. So what cannot be read back is refused when it is made.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from string import Formatter

from release.catalogue import IMAGE_NAME
from release.versions import check_version

FIELDS = ("sha", "short_sha", "version", "image", "stack")

# A stack's name as Pulumi takes it: https://www.pulumi.com/docs/iac/concepts/stacks/
_STACK = re.compile(r"[A-Za-z0-9._-]{1,100}", re.ASCII)
_FIXED = {"sha": 40, "short_sha": 7}
# A v of its own, as in `v{version}` and `app-v{version}`, not the end of `dev{version}`.
_OWN_V = re.compile(r"(?:^|[^A-Za-z0-9])v")


@dataclass(frozen=True, kw_only=True)
class Template:
    """A template, taken apart."""

    text: str
    """As the stack file has it."""
    parts: tuple[tuple[str, str], ...]
    """Each field with the letters before it."""
    end: str
    """The letters after the last field."""
    fields: frozenset[str]
    """The fields it uses."""
    writes_v: bool
    """Whether it puts the v before the version itself: then a version's own v is left out."""

    def values(self, values: Mapping[str, str]) -> dict[str, str]:
        """The values that a name of this template tells again, of all these.

        Raises `ValueError` for a field that has no value here.
        """
        missing = sorted(self.fields - set(values))
        if missing:
            raise ValueError(
                f"the template {self.text!r} uses {{{missing[0]}}}, which has no value here; "
                f"allowed: {' '.join(f'{{{name}}}' for name in FIELDS if name in values)}"
            )
        told = {name: values[name] for name in self.fields}
        if self.writes_v and "version" in told:
            told["version"] = told["version"].removeprefix("v")
        return told

    def filled(self, values: Mapping[str, str]) -> str:
        """The name, not yet checked."""
        told = self.values(values)
        return "".join(letters + told[field] for letters, field in self.parts) + self.end

    def readings(self, name: str, known: Mapping[str, str]) -> Iterator[dict[str, str]]:
        """Every set of values that gives this name; `known` fields have that value."""
        if name.endswith(self.end):
            start = {field: value for field, value in known.items() if field in self.fields}
            yield from self._read(name, 0, 0, start)

    def _read(
        self, name: str, part: int, position: int, found: dict[str, str]
    ) -> Iterator[dict[str, str]]:
        if part == len(self.parts):
            if name[position:] == self.end:
                yield {field: found[field] for field in sorted(self.fields)}
            return
        letters, field = self.parts[part]
        position += len(letters)
        if not name.startswith(letters, position - len(letters)):
            return
        for end in self._ends(name, part, position, found.get(field)):
            value = name[position:end]
            if found.get(field, value) == value and self._fits(field, value):
                yield from self._read(name, part + 1, end, {**found, field: value})

    def _ends(self, name: str, part: int, position: int, known: str | None) -> Iterator[int]:
        """Where the field may end: its own length, or before the letters that follow."""
        length = _FIXED.get(self.parts[part][1]) if known is None else len(known)
        if length is not None:
            yield from [position + length] if position + length <= len(name) else []
        elif part + 1 == len(self.parts):
            yield len(name) - len(self.end)
        else:
            after = [(each, _FIXED.get(field)) for each, field in self.parts[part + 1 :]]
            lengths = [len(letters) + size for letters, size in after if size is not None]
            if len(lengths) == len(after):
                yield len(name) - len(self.end) - sum(lengths)
                return
            end = name.find(after[0][0], position + 1)
            while end != -1:
                yield end
                end = name.find(after[0][0], end + 1)

    def _fits(self, field: str, value: str) -> bool:
        if field == "image":
            return bool(IMAGE_NAME.fullmatch(value)) and len(value) <= 128
        if field == "stack":
            return bool(_STACK.fullmatch(value))
        if field in _FIXED:
            return bool(re.fullmatch(f"[0-9a-f]{{{_FIXED[field]}}}", value))
        return not (self.writes_v and value.startswith("v")) and _is_version(value)


@lru_cache(maxsize=256)
def template_of(text: str) -> Template:
    """Takes a template apart. Raises `ValueError` for a field that does not exist."""
    try:
        pieces = list(Formatter().parse(text))
    except ValueError as error:
        raise ValueError(f"{text!r} is not a template: {error}") from None
    parts: list[tuple[str, str]] = []
    letters = ""
    for before, field, spec, conversion in pieces:
        letters += before
        if field is None:
            continue
        if spec or conversion or field not in FIELDS:
            allowed = " ".join(f"{{{name}}}" for name in FIELDS)
            raise ValueError(f"{text!r} has an unknown field; allowed: {allowed}")
        parts.append((letters, field))
        letters = ""
    return Template(
        text=text,
        parts=tuple(parts),
        end=letters,
        fields=frozenset(field for _, field in parts),
        writes_v=any(
            field == "version" and _writes_v(before, first=place == 0)
            for place, (before, field) in enumerate(parts)
        ),
    )


def _writes_v(letters: str, *, first: bool) -> bool:
    if letters == "v":
        return first
    return letters.endswith("v") and bool(_OWN_V.fullmatch(letters[-2:]))


def _is_version(value: str) -> bool:
    try:
        return bool(check_version(value))
    except ValueError:
        return False
