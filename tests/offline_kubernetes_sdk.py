"""What the official SDK knows of the properties of a kind."""

from __future__ import annotations

import importlib
import inspect
import re
from typing import Any

from pulumi._types import input_type_py_to_pulumi_names


def args_of(token: str) -> Any:
    """The SDK's argument type of kubernetes:apps/v1:Deployment."""
    _, place, kind = token.split(":")
    group, version = place.split("/")
    module = importlib.import_module(f"pulumi_kubernetes.{group.partition('.')[0]}.{version}")
    return getattr(module, f"{kind}InitArgs")


def fields_of(args: Any) -> dict[str, Any]:
    """Each property by its name on the wire, with the SDK's type of its fields if it has any."""
    names = input_type_py_to_pulumi_names(args)
    return {theirs: _block(args, ours) for ours, theirs in names.items()}


def _block(args: Any, name: str) -> Any:
    getter = inspect.getattr_static(args, name).fget
    found = re.search(r"'([\w.]+Args)'", str(getter.__annotations__["return"]))
    if found is None:
        return None
    path, _, type_ = found[1].rpartition(".")
    where = f"pulumi_kubernetes.{path.removeprefix('_')}" if path else _home(args)
    return getattr(importlib.import_module(where), type_)


def _home(args: Any) -> str:
    """The package of its version: the types are in a private module of it."""
    return str(args.__module__).rpartition(".")[0]
