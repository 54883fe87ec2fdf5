"""YAML read by libyaml, which takes a tenth of the time: stack files grow with their services."""

from __future__ import annotations

from typing import Any

import yaml

# Not every build of PyYAML has it.
_QUICK = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(text: str) -> Any:
    """The document of a YAML text. Raises `yaml.YAMLError` with the line at fault in it."""
    try:
        return yaml.load(text, Loader=_QUICK)  # noqa: S506 -- both are safe loaders
    except yaml.YAMLError:
        # The other one's words show the line.
        return yaml.safe_load(text)
