"""What is wrong with a stack file, in words that name the key, the value and the way out."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from release.problems import Problems

RESERVED = ("project", "stack", "said", "access_key", "secret_key")
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
    path = [str(part) for part in _path(detail) if part != "[key]"]
    if not path:
        return project
    return AWS_KEYS.get(path[0], f"{project}:{'.'.join(path).strip()}")


def _path(detail: ErrorDetails) -> list[str | int]:
    """Where the problem is: without the target that pydantic puts after a service's name."""
    path = list(detail["loc"])
    if len(path) > 2 and path[0] == "services":
        del path[2]
    return [*path, "target"] if detail["type"].startswith("union_tag") else path


def _explained(detail: ErrorDetails, model: type[BaseModel]) -> tuple[str, str]:
    context, value = detail.get("ctx", {}), _shown(detail)
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
        case "union_tag_invalid":
            return f"{context['tag']!r} is not a target", f"allowed: {context['expected_tags']}"
        case "union_tag_not_found":
            return "is missing", "allowed: host, ecs, lambda, docker, microk8s"
        case "string_pattern_mismatch":
            return f"{value} does not fit", f"allowed: {context['pattern']}"
        case "value_error":
            message = str(context["error"])
            return (f"{value}" if detail["loc"] else "the settings do not agree"), message
        case _:
            return f"{value}", detail["msg"]


def _shown(detail: ErrorDetails) -> str:
    # An address may hold a token, and a key may stand where its reference belongs.
    if {"secrets", "events", "kubeconfig"} & set(detail["loc"]):
        return "its value (not shown: it may be a secret)"
    text = repr(detail["input"])
    return text if len(text) <= 80 else text[:77] + "..."


def _siblings(detail: ErrorDetails, model: type[BaseModel]) -> list[str]:
    """The keys that exist where an unknown one was found."""
    current: Any = model
    for part in detail["loc"][:-1]:
        fields = getattr(current, "model_fields", None)
        if fields and part in fields:
            current = fields[part].annotation
        current = _inner_model(current, part)
    fields = getattr(current, "model_fields", {})
    hidden = {*RESERVED, *AWS_KEYS} if current is model else ()
    return [name for name in fields if name not in hidden]


def _inner_model(annotation: Any, part: str | int) -> Any:
    """The model inside of `Model | None` or `Mapping[str, Model]`; of several, the one for `part`,
    which is the target of a service."""
    models = list(_models(annotation))
    for each in models:
        target = each.model_fields.get("target")
        if target is not None and part in get_args(target.annotation):
            return each
    # Of a service not yet told apart all kinds are kept.
    return models[0] if len(models) == 1 else annotation if models else None


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models(argument)
