"""What a function registers, property by property, and what Lambda would refuse."""

from __future__ import annotations

import json
import re
from typing import Any

import pulumi
import pytest

from components.documents.function import LambdaServiceSpec
from components.lambda_service import LambdaService, LambdaServiceArgs
from provider.sdk import Provider, ProviderArgs
from tests.engine import Recording, build, outputs_of
from tests.unit.test_components_ecs import DIGEST, image

REF = f"123456789012.dkr.ecr.eu-west-1.amazonaws.com/dev/notifier:v1@{DIGEST}"
FUNCTION = "aws:lambda/function:Function"
ROLLOUT = "rollout:index:LambdaRollout"


def program(
    *, name: str = "notifier", ref: str = REF, args: dict[str, Any] | None = None, **service: Any
) -> LambdaService:
    actor = Provider(f"{name}-actor", ProviderArgs(region="eu-west-1"))
    values: dict[str, Any] = {
        "stack": "dev",
        "service": LambdaServiceSpec(**{"name": "notifier", **service}),
        "image": image(ref),
        **(args or {}),
    }
    opts = pulumi.ResourceOptions(providers=[actor])
    return LambdaService(name, LambdaServiceArgs(**values), opts)


def notifier(*, preview: bool = False, **values: Any) -> Recording:
    return build(lambda: outputs_of(program(**values)), preview=preview)


def configuration(**values: Any) -> str:
    return str(notifier(**values).one(ROLLOUT).inputs["configuration"])


def test_every_child_has_a_component_as_parent_and_a_name_that_begins_like_its_own() -> None:
    recording = notifier(url="public")
    names = {each.urn: each.name for each in recording.components()}

    for child in recording.resources:
        if child.custom and not child.type.startswith("pulumi:providers"):
            assert child.parent in names, child.urn
            assert child.name.startswith(names[child.parent]), child.urn
    for component in recording.components():
        assert recording.registered_outputs.get(component.urn), component.urn


def test_two_functions_live_in_one_stack() -> None:
    recording = build(lambda: [program(url=True).digest, program(name="other", url=True).digest])

    assert len(recording.of(FUNCTION)) == 2


def test_a_preview_registers_everything_that_the_update_does() -> None:
    previewed, done = notifier(preview=True, url="public"), notifier(url="public")

    assert {each.urn for each in previewed.resources} == {each.urn for each in done.resources}


def test_a_function_is_made_of_its_image_by_digest_and_its_rollout_owns_it_then() -> None:
    made = notifier(memory=512, timeout=20, architecture="arm64").one(FUNCTION)

    assert made.inputs["packageType"] == "Image"
    assert made.inputs["imageUri"] == REF.replace(":v1@", "@")
    assert made.ignore_changes == ("imageUri",)
    assert made.inputs["name"] == "dev-notifier"
    assert made.inputs["architectures"] == ["arm64"]
    assert (made.inputs["memorySize"], made.inputs["timeout"]) == (512, 20)
    assert "environment" not in made.inputs


def test_a_function_waits_for_its_rights_and_for_its_log() -> None:
    recording = notifier()
    waited = {urn.rsplit("::", 1)[1] for urn in recording.one(FUNCTION).dependencies}

    assert {"notifier-function-policy", "notifier-logs"} <= waited
    assert recording.one("aws:cloudwatch/logGroup:LogGroup").inputs == {
        "name": "/aws/lambda/dev-notifier",
        "retentionInDays": 30,
    }


def test_a_function_is_told_where_its_secrets_lie_and_reads_them_itself() -> None:
    recording = notifier(
        environment={"MODE": "fast"},
        secrets={"DB": "parameter:/notifier/db", "KEY": "secret:notifier/key:user"},
    )
    policy = json.loads(recording.one("aws:iam/rolePolicy:RolePolicy").inputs["policy"])
    parameter = "arn:aws:ssm:eu-west-1:123456789012:parameter/notifier/db"
    secret = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:notifier/key-AbCdEf"

    assert recording.one(FUNCTION).inputs["environment"] == {
        "variables": {
            "DB_ARN": parameter,
            "KEY_ARN": secret,
            "KEY_JSON_KEY": "user",
            "MODE": "fast",
        }
    }
    assert {each["Sid"]: each["Resource"] for each in policy["Statement"]} == {
        "WriteThisLog": "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/dev-notifier:*",
        "ReadTheseParameters": [parameter],
        "ReadTheseSecrets": [secret],
    }


def test_a_function_is_rolled_out_with_all_that_it_needs() -> None:
    asked = notifier(
        smoke={"b": 1, "a": None},
        deadline=99,
        args={"policy": "together", "release": "v1.2.0", "again": True},
    ).one(ROLLOUT)

    assert {**asked.inputs, "configuration": ""} == {
        "service": "notifier",
        "function": "dev-notifier",
        "alias": "live",
        "image": REF,
        "digest": DIGEST,
        "configuration": "",
        "smoke": '{"a": null, "b": 1}',
        "timeout": 99,
        "policy": "together",
        "release": "v1.2.0",
        "again": True,
    }
    assert re.fullmatch("[0-9a-f]{64}", asked.inputs["configuration"])


@pytest.mark.parametrize(
    "other",
    [
        {"environment": {"A": "2"}},
        {"memory": 512},
        {"timeout": 31},
        {"architecture": "arm64"},
        {"secrets": {"DB": "parameter:/notifier/db"}},
    ],
)
def test_whatever_the_function_is_set_to_makes_another_version(other: dict[str, Any]) -> None:
    assert configuration(**other) != configuration()


@pytest.mark.parametrize(
    "other",
    [{"smoke": {"a": 1}}, {"retention_days": 7}, {"ref": REF.replace(":v1@", ":v2@")}, {}],
)
def test_what_is_no_setting_of_the_function_makes_none(other: dict[str, Any]) -> None:
    assert configuration(**other) == configuration()


def test_a_function_gives_back_what_runs() -> None:
    result = notifier().result

    assert result["digest"] == DIGEST
    assert result["verdict"] == f"running {DIGEST}"
    assert result["version"] == "v1"
    assert result["role_name"] == "dev-notifier-function"
