"""What the official SDKs know of a type, to hold the tables of the stand-ins against."""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Mapping
from typing import Any

from pulumi._types import input_type_py_to_pulumi_names, resource_py_to_pulumi_names

from offline.plugin.table import Property

# Blocks of the SDK that share the module's name with another type carry "Init" in theirs.
SUFFIXES = ("InitArgs", "Args")


def sdk_module(token: str) -> Any:
    """The SDK's Python module of a token."""
    package, path, _ = token.split(":")
    module = {"index": "", "lambda": ".lambda_"}.get(path.split("/")[0])
    return importlib.import_module(
        f"pulumi_{package}" + (f".{path.split('/')[0]}" if module is None else module)
    )


def args_class(token: str) -> Any:
    module, name = sdk_module(token), token.rsplit(":", 1)[1]
    return next(
        found for suffix in SUFFIXES if (found := getattr(module, name + suffix, None)) is not None
    )


def required_names(args: Any) -> set[str]:
    names = input_type_py_to_pulumi_names(args)
    parameters = inspect.signature(args.__init__).parameters.items()
    return {
        names[name]
        for name, parameter in parameters
        if name in names and parameter.default is inspect.Parameter.empty
    }


def block_class(args: Any, module: Any, pulumi_name: str) -> Any:
    names = {theirs: ours for ours, theirs in input_type_py_to_pulumi_names(args).items()}
    getter = inspect.getattr_static(args, names[pulumi_name]).fget
    found = re.search(r"'(\w+Args)'", str(getter.__annotations__["return"]))
    return getattr(module, found.group(1)) if found else None


def disagreements(path: str, known: Mapping[str, Property], args: Any, module: Any) -> list[str]:
    """Where a table and the SDK differ: names, and what is required."""
    official = set(input_type_py_to_pulumi_names(args).values())
    wrong = [f"{path}.{name}: not in the SDK" for name in set(known) - official]
    ours = {name for name, prop in known.items() if prop.required}
    wrong += [f"{path}.{name}: required differs" for name in ours ^ required_names(args)]
    for name, prop in known.items():
        if prop.fields and name in official:
            inner = block_class(args, module, name)
            wrong += disagreements(f"{path}.{name}", prop.fields, inner, module)
    return wrong


def sdk_outputs(token: str) -> set[str]:
    """The outputs that are not inputs too."""
    resource = getattr(sdk_module(token), token.rsplit(":", 1)[1])
    assert resource.pulumi_type == token
    inputs = set(input_type_py_to_pulumi_names(args_class(token)).values())
    return set(resource_py_to_pulumi_names(resource).values()) - inputs - {"id", "urn"}
