"""What a command document must be before AWS takes it."""

import json
from typing import Any

import pytest

from localcloud.aws_error import AwsError
from localcloud.ssm.command import OUTPUT_CUT, cut
from localcloud.ssm.document import CommandDocument, matches
from localcloud.ssm.values import check, runs

STEP = {"action": "aws:runShellScript", "name": "run", "inputs": {"runCommand": ["true"]}}
VALID: dict[str, Any] = {"schemaVersion": "2.2", "mainSteps": [STEP]}


def document(parameters: dict[str, Any], *lines: str, **inputs: str) -> CommandDocument:
    step = {**STEP, "inputs": {"runCommand": list(lines) or ["true"], **inputs}}
    return CommandDocument.read(
        json.dumps({**VALID, "parameters": parameters, "mainSteps": [step]})
    )


@pytest.mark.parametrize(
    ("content", "word"),
    [
        ({**VALID, "schemaVersion": "3.0"}, "3.0"),
        ({**VALID, "mainsteps": []}, "mainsteps"),
        ({"schemaVersion": "2.2"}, "mainSteps"),
        ({**VALID, "mainSteps": [{**STEP, "action": "aws:runPython"}]}, "aws:runPython"),
        ({**VALID, "mainSteps": [{**STEP, "inputs": {}}]}, "runCommand"),
        ({**VALID, "mainSteps": [STEP, STEP]}, "same name"),
        ({**VALID, "parameters": {"a": {"type": "Text"}}}, "type"),
        ({**VALID, "parameters": {"a": {"type": "String", "allowedpattern": "x"}}}, "allowedpa"),
        ({**VALID, "parameters": {"a": {"type": "String", "allowedPattern": "("}}}, "regular"),
        (
            {**VALID, "parameters": {"a": {"type": "String", "interpolationType": "ENV"}}},
            "ENV_VAR",
        ),
        (
            {
                **VALID,
                "parameters": {"a": {"type": "String", "allowedPattern": "^a$", "default": "b"}},
            },
            "default",
        ),
        (
            {**VALID, "mainSteps": [{**STEP, "inputs": {"runCommand": ["echo {{ name }}"]}}]},
            "name",
        ),
    ],
)
def test_a_document_that_aws_would_not_take_is_refused(content: Any, word: str) -> None:
    with pytest.raises(AwsError) as caught:
        CommandDocument.read(json.dumps(content))
    assert caught.value.code == "InvalidDocumentContent"
    assert word in caught.value.message


def test_text_that_is_not_json_is_refused() -> None:
    with pytest.raises(AwsError, match="well-formed"):
        CommandDocument.read("{")


def test_a_value_with_a_last_line_feed_does_not_match_an_anchored_pattern() -> None:
    assert matches("^[a-z]+$", "deploy")
    assert not matches("^[a-z]+$", "deploy\n")


def test_a_pattern_without_anchors_protects_nothing() -> None:
    assert matches("[a-z]+", "x; rm -rf /")


def test_an_unknown_parameter_is_refused() -> None:
    with pytest.raises(AwsError, match="not defined"):
        check(document({}), {"action": ["deploy"]})


def test_a_required_parameter_must_be_given() -> None:
    with pytest.raises(AwsError, match="required"):
        check(document({"action": {"type": "String"}}), {})


def test_a_value_outside_the_allowed_values_is_refused() -> None:
    rules = {"action": {"type": "String", "allowedValues": ["deploy", "status"]}}
    with pytest.raises(AwsError, match="destroy"):
        check(document(rules), {"action": ["destroy"]})


def test_a_string_takes_exactly_one_value() -> None:
    with pytest.raises(AwsError, match="one value"):
        check(document({"a": {"type": "String"}}), {"a": ["x", "y"]})


def test_an_env_var_parameter_never_becomes_text_of_the_script() -> None:
    rules = {"a": {"type": "String", "interpolationType": "ENV_VAR"}, "b": {"type": "String"}}
    made = document(rules, "echo {{ a }} {{ b }}")
    (run,) = runs(made, check(made, {"a": ["$(id)"], "b": ["text"]}))
    assert run.script == "echo {{ a }} text\n"
    assert run.environment == {"SSM_a": "$(id)"}


def test_a_parameter_can_be_the_time_limit() -> None:
    rules = {"limit": {"type": "String", "interpolationType": "ENV_VAR"}}
    made = document(rules, "true", timeoutSeconds="{{ limit }}")
    (run,) = runs(made, check(made, {"limit": ["7"]}))
    assert run.seconds == 7


def test_long_output_is_cut_to_the_limit_and_says_so() -> None:
    text = cut("x" * 30_000, 24_000, OUTPUT_CUT)
    assert len(text) == 24_000
    assert text.endswith(OUTPUT_CUT)
    assert cut("short", 24_000, OUTPUT_CUT) == "short"
