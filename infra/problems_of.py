"""What is wrong with a stack file, in words that name the key, the value and the way out."""

from __future__ import annotations

import difflib
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from release.problems import Problems

AWS_KEYS = {"region": "aws:region", "profile": "aws:profile", "endpoints": "aws:endpoints"}


def describe(error: ValidationError, project: str, stack: str, model: type[BaseModel]) -> str:
    """All problems of a stack file as one message."""
    problems = Problems()
    for detail in error.errors(include_url=False):
        where = _key(detail, project)
        what, way_out = _explained(detail, model)
        problems.add(where, what, way_out)
    return "\n".join([f"Pulumi.{stack}.yaml is not right:", *problems.lines])


def _key(detail: ErrorDetails, project: str) -> str:
    path = [str(part) for part in detail["loc"] if part != "[key]"]
    if not path:
        return project
    return AWS_KEYS.get(path[0], f"{project}:{'.'.join(path).strip()}")


def _explained(detail: ErrorDetails, model: type[BaseModel]) -> tuple[str, str]:
    context, value = detail.get("ctx", {}), _shown(detail["input"])
    match detail["type"]:
        case "extra_forbidden":
            name = str(detail["loc"][-1]).strip()
            allowed = _siblings(detail, model)
            near = difflib.get_close_matches(name, allowed, n=1)
            hint = f"did you mean {near[0]!r}? " if near else ""
            return f"{name!r} is not a key here", f"{hint}allowed: {', '.join(allowed)}"
        case "missing":
            return "is missing", "add it to the stack file"
        case "literal_error":
            return f"{value} is not known", f"allowed: {context['expected']}"
        case "string_pattern_mismatch":
            return f"{value} does not fit", f"allowed: {context['pattern']}"
        case "value_error":
            message = str(context["error"])
            return (f"{value}" if detail["loc"] else "the settings do not agree"), message
        case _:
            return f"{value}", detail["msg"]


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


def _siblings(detail: ErrorDetails, model: type[BaseModel]) -> list[str]:
    """The keys that exist where an unknown one was found."""
    current: Any = model
    for part in detail["loc"][:-1]:
        fields = getattr(current, "model_fields", None)
        current = fields[part].annotation if fields and part in fields else current
        current = _inner_model(current)
    fields = getattr(current, "model_fields", {})
    hidden = {"project", "stack", "access_key", "secret_key", *AWS_KEYS} if current is model else ()
    return [name for name in fields if name not in hidden]


def _inner_model(annotation: Any) -> Any:
    """The model inside of `Model | None` or `Mapping[str, Model]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in getattr(annotation, "__args__", ()):
        found = _inner_model(argument)
        if found is not None:
            return found
    return None
