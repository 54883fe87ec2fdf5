"""Command documents: what AWS demands of them, and their parts once they are valid."""

import json
import re
from dataclasses import dataclass
from typing import Any

import yaml

from localcloud.aws_error import AwsError

TYPES = ("String", "StringList", "Boolean", "Integer", "MapList", "StringMap")
TOP_KEYS = {"schemaVersion", "description", "parameters", "mainSteps", "outputs", "files"}
PARAMETER_KEYS = {
    "type",
    "description",
    "default",
    "allowedValues",
    "allowedPattern",
    "displayType",
    "minItems",
    "maxItems",
    "minChars",
    "maxChars",
    "interpolationType",
}
STEP_KEYS = {"action", "name", "inputs", "precondition", "onFailure", "onSuccess"}
STEP_KEYS |= {"finallyStep", "timeoutSeconds", "maxAttempts", "description"}
REFERENCE = re.compile(r"\{\{\s*([\w:.-]+)\s*\}\}")
OWN_PREFIXES = ("global:", "aws:", "platformType", "ssm:", "ssm-secure:")
RUN = "aws:runShellScript"


@dataclass(frozen=True)
class Step:
    """One aws:runShellScript step."""

    name: str
    inputs: dict[str, Any]
    on_failure: str
    for_linux: bool


@dataclass(frozen=True)
class CommandDocument:
    """A valid command document of schema 2.2."""

    parameters: dict[str, dict[str, Any]]
    steps: list[Step]

    @classmethod
    def read(cls, text: str, kind: str = "JSON") -> "CommandDocument":
        """Parses JSON or YAML text; raises AwsError InvalidDocumentContent."""
        try:
            content = json.loads(text) if kind == "JSON" else yaml.safe_load(text)
        except (ValueError, yaml.YAMLError) as error:
            raise invalid(f"{kind} not well-formed: {error}") from error
        if not isinstance(content, dict):
            raise invalid("the document is not a mapping")
        refuse_unknown(content, TOP_KEYS, "the document")
        if str(content.get("schemaVersion")) != "2.2":
            version = content.get("schemaVersion")
            raise invalid(f"schemaVersion {version!r}: only 2.2 is supported here")
        parameters = content.get("parameters") or {}
        for name, rules in parameters.items():
            check_parameter(name, rules)
        steps = content.get("mainSteps")
        if not isinstance(steps, list) or not steps:
            raise invalid("mainSteps is missing or empty")
        made = [read_step(step) for step in steps]
        if len({step.name for step in made}) != len(made):
            raise invalid("two steps have the same name")
        for name in references([step.inputs for step in made]):
            if name not in parameters and not name.startswith(OWN_PREFIXES):
                raise invalid(f"parameter {name!r} is used in mainSteps but not defined")
        return cls(parameters, made)


def invalid(message: str) -> AwsError:
    """The error for content that AWS does not take."""
    return AwsError("InvalidDocumentContent", message)


def refuse_unknown(mapping: dict[str, Any], known: set[str], where: str) -> None:
    """Raises AwsError for keys that documents don't have."""
    unknown = sorted(set(mapping) - known)
    if unknown:
        raise invalid(f"unrecognized field {unknown[0]!r} in {where}")


def check_parameter(name: str, rules: Any) -> None:
    """Raises AwsError if a parameter's definition is not valid."""
    where = f"parameter {name!r}"
    if not isinstance(rules, dict) or rules.get("type") not in TYPES:
        raise invalid(f"{where} has no type out of {', '.join(TYPES)}")
    refuse_unknown(rules, PARAMETER_KEYS, where)
    pattern = rules.get("allowedPattern")
    try:
        compiled = re.compile(pattern) if pattern is not None else None
    except (re.error, TypeError) as error:
        raise invalid(f"allowedPattern of {where} is no regular expression: {error}") from error
    kind = rules.get("interpolationType")
    if kind is not None and (kind != "ENV_VAR" or rules["type"] != "String"):
        raise invalid(f"interpolationType {kind!r} of {where}: only ENV_VAR, of a String")
    default = rules.get("default")
    if default is None:
        return
    values = default if isinstance(default, list) else [default]
    if compiled and not all(matches(compiled.pattern, str(value)) for value in values):
        raise invalid(f"the default of {where} doesn't match its allowedPattern")
    allowed = rules.get("allowedValues")
    if allowed and not all(value in allowed for value in values):
        raise invalid(f"the default of {where} is not one of its allowedValues")


def matches(pattern: str, value: str) -> bool:
    """Whether a value passes an allowedPattern.

    The pattern's own anchors count: one without them protects nothing. `$` is the very end, as
    in the agent's regular expressions, not before a last line feed as in Python's.
    """
    found = re.search(pattern, value)
    if found is None:
        return False
    return not (pattern.endswith("$") and value.endswith("\n") and found.end() < len(value))


def read_step(step: Any) -> Step:
    """A step; raises AwsError if it is not valid."""
    if not isinstance(step, dict) or not step.get("name") or not step.get("action"):
        raise invalid("a step of mainSteps has no action or no name")
    refuse_unknown(step, STEP_KEYS, f"step {step['name']!r}")
    if step["action"] != RUN:
        raise invalid(f"action {step['action']!r} of step {step['name']!r}: only {RUN} runs here")
    inputs = step.get("inputs") or {}
    if not inputs.get("runCommand"):
        raise invalid(f"step {step['name']!r} has no runCommand")
    condition = (step.get("precondition") or {}).get("StringEquals") or ["Linux", "Linux"]
    return Step(step["name"], inputs, step.get("onFailure", ""), "Linux" in condition)


def references(value: Any) -> set[str]:
    """The names in {{…}} anywhere in a value."""
    if isinstance(value, str):
        return set(REFERENCE.findall(value))
    children = value.values() if isinstance(value, dict) else value
    if isinstance(value, dict | list):
        return {name for child in children for name in references(child)}
    return set()
