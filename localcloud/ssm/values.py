"""The values that a command gives to a document's parameters."""

import json
from dataclasses import dataclass
from typing import Any

from localcloud.aws_error import AwsError
from localcloud.ssm.document import REFERENCE, CommandDocument, matches

Values = dict[str, Any]


@dataclass(frozen=True)
class StepRun:
    """What the agent is to run: a script, its environment, where, and for how many seconds."""

    name: str
    script: str
    environment: dict[str, str]
    folder: str | None
    seconds: int


def refused(name: str, reason: str) -> AwsError:
    """The error for a value that the document does not take."""
    return AwsError("InvalidParameters", f"Parameter {name!r} {reason}")


def check(document: CommandDocument, given: dict[str, Any]) -> Values:
    """All parameters with given or default values; raises AwsError InvalidParameters."""
    for name in given:
        if name not in document.parameters:
            raise refused(name, "is not defined in the document")
    values: Values = {}
    for name, rules in document.parameters.items():
        if name not in given:
            if "default" not in rules:
                raise refused(name, "is required and has no value")
            values[name] = rules["default"]
            continue
        items = given[name]
        if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
            raise refused(name, "is not a list of strings")
        for item in items:
            check_item(name, rules, item)
        values[name] = one_or_all(name, rules, items)
    return values


def check_item(name: str, rules: dict[str, Any], item: str) -> None:
    """Raises AwsError if a value breaks a rule of its parameter."""
    pattern, allowed = rules.get("allowedPattern"), rules.get("allowedValues")
    if allowed and item not in [str(value) for value in allowed]:
        raise refused(name, f"is {item!r}, not one of the allowed values {allowed}")
    if pattern is not None and not matches(pattern, item):
        raise refused(name, f"is {item!r}, which doesn't match the allowed pattern {pattern}")
    if len(item) < int(rules.get("minChars", 0)):
        raise refused(name, f"is {item!r}, shorter than {rules['minChars']} characters")
    if "maxChars" in rules and len(item) > int(rules["maxChars"]):
        raise refused(name, f"is longer than {rules['maxChars']} characters")
    if rules["type"] == "Integer" and not item.lstrip("-").isdigit():
        raise refused(name, f"is {item!r}, not an integer")
    if rules["type"] == "Boolean" and item not in ("true", "false"):
        raise refused(name, f"is {item!r}, not true or false")


def one_or_all(name: str, rules: dict[str, Any], items: list[str]) -> Any:
    """The list of a StringList; of every other type its one value."""
    if rules["type"] == "StringList":
        return items
    if len(items) != 1:
        raise refused(name, f"takes one value, not {len(items)}")
    return items[0]


def runs(document: CommandDocument, values: Values) -> list[StepRun]:
    """The document's steps for Linux with the values in place."""
    environment = {
        f"SSM_{name}": str(values[name])
        for name, rules in document.parameters.items()
        if rules.get("interpolationType") == "ENV_VAR"
    }
    texts = {name: value for name, value in values.items() if f"SSM_{name}" not in environment}
    made = []
    for step in document.steps:
        if not step.for_linux:
            continue
        commands = fill(step.inputs["runCommand"], texts)
        lines = commands if isinstance(commands, list) else [str(commands)]
        folder = fill(step.inputs.get("workingDirectory"), texts) or None
        # A time limit is read by the agent itself, so every parameter works in it.
        seconds = str(fill(step.inputs.get("timeoutSeconds") or "3600", values))
        if not seconds.isdigit() or not 1 <= int(seconds) <= 172800:
            raise refused("timeoutSeconds", f"is {seconds!r}; allowed are 1 to 172800 seconds")
        script = "\n".join(str(line) for line in lines) + "\n"
        made.append(StepRun(step.name, script, environment, folder, int(seconds)))
    return made


def fill(value: Any, texts: Values) -> Any:
    """Puts values in the place of {{name}}; a text that is nothing else may become a list."""
    if isinstance(value, list):
        filled = [fill(item, texts) for item in value]
        flat: list[Any] = []
        for item in filled:
            flat += item if isinstance(item, list) else [item]
        return flat
    if not isinstance(value, str):
        return value
    whole = REFERENCE.fullmatch(value.strip())
    if whole and isinstance(texts.get(whole[1]), list):
        return texts[whole[1]]

    def text_of(name: str, otherwise: str) -> str:
        found = texts.get(name)
        if found is None:
            return otherwise
        return found if isinstance(found, str) else json.dumps(found)

    return REFERENCE.sub(lambda found: text_of(found[1], found[0]), value)
