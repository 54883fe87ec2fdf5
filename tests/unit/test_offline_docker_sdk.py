"""The tables of the offline docker plugin agree with the official SDK's own types."""

import importlib.metadata

import pulumi_docker
import pytest
from pulumi._types import input_type_py_to_pulumi_names

from offline.docker.catalogue import RESOURCE_TYPES, VERSION
from offline.docker.settings import AUTH_FIELDS, KNOWN
from tests.offline_sdk import args_class, disagreements, sdk_module, sdk_outputs

TOKENS = sorted(RESOURCE_TYPES)


@pytest.mark.parametrize("token", TOKENS)
def test_inputs_and_required_arguments_are_those_of_the_sdk(token: str) -> None:
    known = RESOURCE_TYPES[token].properties
    assert disagreements(token, known, args_class(token), sdk_module(token)) == []


@pytest.mark.parametrize("token", TOKENS)
def test_outputs_are_all_of_the_sdk_that_are_not_inputs(token: str) -> None:
    assert RESOURCE_TYPES[token].outputs == sdk_outputs(token)


def test_the_provider_settings_are_those_of_the_sdk() -> None:
    official = set(input_type_py_to_pulumi_names(pulumi_docker.ProviderArgs).values())
    assert official >= KNOWN
    blocks = set(input_type_py_to_pulumi_names(pulumi_docker.ProviderRegistryAuthArgs).values())
    assert blocks == AUTH_FIELDS


def test_the_version_is_the_one_of_the_installed_sdk() -> None:
    assert importlib.metadata.version("pulumi_docker") == VERSION
