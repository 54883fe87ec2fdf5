"""Inputs before anything happens: what is refused, and the name that is filled in."""

import random
import string
from collections.abc import Mapping
from typing import Any

from offline.plugin.wire import State, has_unknown

from .objects import AUTONAMED, NOT_KNOWN, annotation, metadata_of


def refusals(inputs: Mapping[str, Any]) -> list[tuple[str, str]]:
    """As (property, reason). Names of properties are the API's to check."""
    metadata = inputs.get("metadata")
    if metadata is not None and not isinstance(metadata, Mapping) and not has_unknown(metadata):
        return [("metadata", "metadata: an object is expected, such as {name: …}")]
    return [
        (f'metadata.annotations["{name}"]', f"{name} is followed by the official plugin alone")
        for name in NOT_KNOWN
        if annotation(inputs, name)
    ]


def named(inputs: State, olds: State, logical: str, seed: bytes) -> State:
    """As the official plugin: the logical name, a dash and 8 hex digits."""
    metadata = inputs.get("metadata") or {}
    if not isinstance(metadata, Mapping) or metadata.get("name") or metadata.get("generateName"):
        return inputs
    if annotation(olds, AUTONAMED) == "true":
        name = str(metadata_of(olds)["name"])
    else:
        digits = random.Random(seed or None).choices(string.hexdigits[:16], k=8)  # noqa: S311
        name = f"{logical}-{''.join(digits)}"
    annotations = {**(metadata.get("annotations") or {}), AUTONAMED: "true"}
    return {**inputs, "metadata": {**metadata, "name": name, "annotations": annotations}}
