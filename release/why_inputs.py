"""Which ingredient of an image changed between two moments, in words that name files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

_MOST = 5


@dataclass(frozen=True)
class Cause:
    """One reason: its kind, which machines read, and its words."""

    kind: str
    text: str


@dataclass(frozen=True, kw_only=True)
class FileChange:
    """What became of one file, by its path from the top of the repository."""

    path: str
    how: Literal["changed", "added", "deleted", "renamed", "mode"]
    was: str = ""
    """Where a renamed file was; the old mode where only the mode changed."""
    mode: str = ""
    """The new mode where only the mode changed."""


_KINDS = {"context": "file", "dockerfile": "dockerfile", "input": "shared input"}
_WORDS = {
    "recipe": "slipway makes build contexts in another way now",
    "platforms": "the platforms are {new}, and were {old}",
    "attest": "attest is {new}, and was {old}",
    "sbom": "the scanner of the SBOM is {new}, and was {old}",
}


def causes_of_inputs(
    old: Mapping[str, str],
    new: Mapping[str, str],
    files: Mapping[str, Sequence[FileChange] | None],
) -> list[Cause]:
    """The causes, one or more for each ingredient that differs, each file named once.

    `old` and `new` are ingredients (`release.content_key.ingredients`); `files` has, by label, the
    files that differ, or None where git does not have the former content any more.
    """
    found: list[Cause] = []
    told: set[str] = set()
    # The Dockerfile and shared inputs have words of their own; the context takes what is left.
    order = sorted(old.keys() | new.keys(), key=lambda label: (label.startswith("context"), label))
    for label in order:
        if old.get(label) != new.get(label):
            found += _cause(label, old.get(label), new.get(label), files, told)
    return found


def files_of(paths: Sequence[str]) -> str:
    """The first few paths, and how many more."""
    shown = ", ".join(paths[:_MOST])
    return f"{shown} and {len(paths) - _MOST} more" if len(paths) > _MOST else shown


def _cause(
    label: str,
    old: str | None,
    new: str | None,
    files: Mapping[str, Sequence[FileChange] | None],
    told: set[str],
) -> list[Cause]:
    kind, _, name = label.partition(" ")
    if kind == "argument":
        return [Cause("build argument", _argument(name, old, new))]
    if kind not in _KINDS:
        words = _WORDS.get(kind, f"{kind} is {{new}}, and was {{old}}")
        unset = "none" if kind == "sbom" else "the builder's own"
        return [Cause(kind, words.format(old=old or unset, new=new or unset))]
    if old is None or new is None:
        change = "is an input now" if old is None else "is no input any more"
        return [Cause(_KINDS[kind], f"{name} {change}")]
    changes = files.get(label)
    if kind == "dockerfile":
        told.add(name)
        if changes and all(each.how == "mode" for each in changes):
            return _of_files("dockerfile", changes, set())
        return [Cause("dockerfile", f"the Dockerfile {name} changed")]
    if changes is None:
        return [Cause(_KINDS[kind], f"{name} changed; its former files are not in this clone")]
    return _of_files(_KINDS[kind], changes, told)


def _argument(name: str, old: str | None, new: str | None) -> str:
    if old is None:
        return f"the build argument {name} is new: {new}"
    if new is None:
        return f"the build argument {name} is gone; it was {old}"
    return f"the build argument {name} is {new}, and was {old}"


def _of_files(kind: str, changes: Iterable[FileChange], told: set[str]) -> list[Cause]:
    fresh = [each for each in changes if each.path not in told]
    told.update(each.path for each in fresh)
    edited = [each.path for each in fresh if each.how in ("changed", "added")]
    causes = []
    if edited:
        text = f"{files_of(edited)} changed"
        causes.append(Cause(kind, f"the shared input {text}" if kind == "shared input" else text))
    deleted = [each.path for each in fresh if each.how == "deleted"]
    if deleted:
        causes.append(Cause("deleted file", f"{files_of(deleted)} deleted"))
    for each in fresh:
        if each.how == "renamed":
            causes.append(Cause("renamed file", f"{each.was} is now {each.path}"))
        elif each.how == "mode":
            causes.append(
                Cause("mode", f"only the mode of {each.path} changed: {each.was} to {each.mode}")
            )
    return causes
