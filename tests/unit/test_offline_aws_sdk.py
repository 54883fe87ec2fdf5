"""The tables of the offline aws plugin agree with the official SDK's own types."""

import importlib
import importlib.metadata
import inspect
import re
from collections.abc import Mapping
from typing import Any

import pytest
from pulumi._types import input_type_py_to_pulumi_names, resource_py_to_pulumi_names

from offline.aws.catalogue import INVOKE_TYPES, RESOURCE_TYPES, VERSION
from offline.aws.table import Property

# Blocks of the SDK that share the module's name with another type carry "Init" in theirs.
SUFFIXES = ("InitArgs", "Args")


def sdk_module(token: str) -> Any:
    module = token.split(":")[1].split("/")[0]
    return importlib.import_module("pulumi_aws" if module == "index" else f"pulumi_aws.{module}")


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
    official = set(input_type_py_to_pulumi_names(args).values())
    wrong = [f"{path}.{name}: not in the SDK" for name in set(known) - official]
    ours = {name for name, prop in known.items() if prop.required}
    wrong += [f"{path}.{name}: required differs" for name in ours ^ required_names(args)]
    for name, prop in known.items():
        if prop.fields and name in official:
            inner = block_class(args, module, name)
            wrong += disagreements(f"{path}.{name}", prop.fields, inner, module)
    return wrong


@pytest.mark.parametrize("token", sorted(RESOURCE_TYPES))
def test_inputs_and_required_arguments_are_those_of_the_sdk(token: str) -> None:
    kind = RESOURCE_TYPES[token]
    assert disagreements(token, kind.properties, args_class(token), sdk_module(token)) == []


@pytest.mark.parametrize("token", sorted(RESOURCE_TYPES))
def test_outputs_are_all_of_the_sdk_that_are_not_inputs(token: str) -> None:
    resource = getattr(sdk_module(token), token.rsplit(":", 1)[1])
    inputs = set(input_type_py_to_pulumi_names(args_class(token)).values())
    outputs = set(resource_py_to_pulumi_names(resource).values()) - inputs - {"id", "urn"}
    assert resource.pulumi_type == token
    assert RESOURCE_TYPES[token].outputs == outputs


@pytest.mark.parametrize("token", sorted(INVOKE_TYPES))
def test_lookups_have_the_arguments_and_results_of_the_sdk(token: str) -> None:
    kind = INVOKE_TYPES[token]
    name = re.sub(r"(?<!^)([A-Z])", r"_\1", token.rsplit(":", 1)[1]).lower()
    function = getattr(sdk_module(token), name)
    source = inspect.getsource(function)
    assert f"'{token}'" in source
    arguments = set(re.findall(r"__args__\['(\w+)'\]", source))
    assert set(kind.arguments) <= arguments
    camel = {
        re.sub(r"_([a-z0-9])", lambda m: m.group(1).upper(), text)
        for text in re.findall(r"pulumi.get\(__ret__, '(\w+)'\)", source)
    }
    assert kind.results <= camel
    output_source = inspect.getsource(getattr(sdk_module(token), name + "_output"))
    required = set(re.findall(r"(\w+): pulumi\.Input\[Optional\[(?!Optional)", output_source))
    assert {key for key, needed in kind.arguments.items() if needed} == required


def test_the_version_is_the_one_of_the_installed_sdk() -> None:
    assert importlib.metadata.version("pulumi_aws") == VERSION


def test_a_misspelt_property_in_a_table_would_be_found() -> None:
    token = "aws:ecr/repository:Repository"
    wrong = {**RESOURCE_TYPES[token].properties, "tagMutability": Property(required=True)}
    assert disagreements(token, wrong, args_class(token), sdk_module(token)) == [
        f"{token}.tagMutability: not in the SDK",
        f"{token}.tagMutability: required differs",
    ]
