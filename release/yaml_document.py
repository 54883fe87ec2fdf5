"""YAML that somebody else wrote: read without being trusted."""

from __future__ import annotations

import contextlib
import re
from typing import Any

import yaml

from release.record_text import harmless

_BRACKETS = re.compile(r"[\[\]{}]")
_DEEPEST = 200
MOST_CHARACTERS = 8 << 20
MOST_NODES = 1_000_000
"""Values of a document, aliases counted as often as they stand for something."""

# libyaml takes a tenth of the time, and stack files grow with their services. Not every build of
# PyYAML has it, and what is nested deeply enough ends it with the whole process.
_QUICK = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_SHALLOW = 2_000


def yaml_of(text: str) -> object:
    """What a YAML text holds, None for an empty one.

    Raises ValueError, to be put behind the name of the file, for what is not YAML, is nested too
    deeply, or is small only because its aliases stand for more than MOST_NODES values.
    """
    try:
        _check_depth(text)
        return _read(text)
    except yaml.YAMLError as error:
        why = harmless(" ".join(str(error).split()))
    except RecursionError:
        why = "it is nested too deeply"
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        # Numbers, dates and tags that only look like some: PyYAML lets Python's own errors out.
        why = harmless(" ".join(str(error).split())) or "a value is not of its kind"
    raise ValueError(f"is not YAML: {why[:500]}")


def _check_depth(text: str) -> None:
    """PyYAML takes minutes for a line of 100,000 brackets before it sees that they are too many."""
    depth = 0
    for bracket in _BRACKETS.finditer(text):
        depth += 1 if bracket[0] in "[{" else -1
        if depth > _DEEPEST:
            raise RecursionError
    if len(text) > MOST_CHARACTERS:
        raise ValueError(f"it has more than {MOST_CHARACTERS:,} characters")


def _read(text: str) -> object:
    # No deeper than it has brackets, and columns for what is nested by indentation.
    deepest = text.count("[") + text.count("{") + max(map(len, text.splitlines()), default=0)
    if deepest < _SHALLOW:
        # The other one's words show the line.
        with contextlib.suppress(yaml.YAMLError):
            return _constructed(_QUICK(text))
    return _constructed(yaml.SafeLoader(text))


def _constructed(loader: Any) -> object:
    try:
        node = loader.get_single_node()
        if node is None:
            return None
        if _size(node, {}) > MOST_NODES:
            raise ValueError(f"its aliases stand for more than {MOST_NODES:,} values")
        made: object = loader.construct_document(node)
        return made
    finally:
        loader.dispose()


def _size(node: yaml.Node, known: dict[int, int]) -> int:
    """How many values the node stands for; a node within itself stands for too many."""
    if id(node) in known:
        return known[id(node)]
    known[id(node)] = MOST_NODES + 1
    parts = node.value if isinstance(node, yaml.CollectionNode) else ()
    each = (part for entry in parts for part in (entry if isinstance(entry, tuple) else (entry,)))
    known[id(node)] = 1 + sum(_size(part, known) for part in each)
    return known[id(node)]
