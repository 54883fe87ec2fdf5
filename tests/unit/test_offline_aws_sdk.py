"""The tables of the offline aws plugin agree with the official SDK's own types."""

import importlib.metadata
import inspect
import re

import pytest

from offline.aws.catalogue import INVOKE_TYPES, RESOURCE_TYPES, VERSION
from offline.plugin.table import Property
from tests.offline_sdk import args_class, disagreements, sdk_module, sdk_outputs


@pytest.mark.parametrize("token", sorted(RESOURCE_TYPES))
def test_inputs_and_required_arguments_are_those_of_the_sdk(token: str) -> None:
    kind = RESOURCE_TYPES[token]
    assert disagreements(token, kind.properties, args_class(token), sdk_module(token)) == []


@pytest.mark.parametrize("token", sorted(RESOURCE_TYPES))
def test_outputs_are_all_of_the_sdk_that_are_not_inputs(token: str) -> None:
    assert RESOURCE_TYPES[token].outputs == sdk_outputs(token)


def camel_case(name: str) -> str:
    return re.sub(r"_([a-z0-9])", lambda m: m.group(1).upper(), name)


@pytest.mark.parametrize("token", sorted(INVOKE_TYPES))
def test_lookups_have_the_arguments_and_results_of_the_sdk(token: str) -> None:
    kind = INVOKE_TYPES[token]
    name = re.sub(r"(?<!^)([A-Z])", r"_\1", token.rsplit(":", 1)[1]).lower()
    function = getattr(sdk_module(token), name)
    source = inspect.getsource(function)
    assert f"'{token}'" in source
    arguments = set(re.findall(r"__args__\['(\w+)'\]", source))
    assert set(kind.arguments) <= arguments
    camel = {camel_case(text) for text in re.findall(r"pulumi.get\(__ret__, '(\w+)'\)", source)}
    assert kind.results <= camel
    output_source = inspect.getsource(getattr(sdk_module(token), name + "_output"))
    found = re.findall(r"(\w+): pulumi\.Input\[Optional\[(?!Optional)", output_source)
    required = {camel_case(text) for text in found}
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
