"""What `pulumi preview --json` says, as changes: the engine's plan is the only plan there is."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from release.changes import Changes, built, entries_of, rows_of
from release.notes import one_line

_RECORD = "rollout:index:Record"
_OURS = ("rollout:index:", "slipway:index:", "pulumi:")
_HALVES = ("create-replacement", "delete-replaced", "read", "refresh", "same")
_LONGEST = 400  # characters of a note


def plan_of(text: str) -> Mapping[str, Any]:
    """The JSON document that `pulumi preview --json` printed, among lines of other programs.

    Raises `ValueError` if there is none.
    """
    for start in (0, *(at + 1 for at, each in enumerate(text) if each == "\n")):
        if text[start : start + 1] != "{":
            continue
        try:
            document = json.JSONDecoder().raw_decode(text, start)[0]
        except (ValueError, RecursionError):
            continue
        if isinstance(document, dict) and ("steps" in document or "diagnostics" in document):
            return document
    raise ValueError("pulumi printed no plan")


def changes_of_plan(stack: str, plan: Mapping[str, Any], runs: Mapping[str, str]) -> Changes:
    """What the plan changes; `runs`: the image of each service."""
    steps = _listed(plan, "steps")
    failures = [said for severity, said in _said(plan) if severity == "error"]
    before, after = _records(steps)
    return Changes(
        stack=stack,
        is_plan=True,
        builds=built(entries_of(after, "images")),
        rows=tuple(rows_of(before, after, runs)),
        others=tuple(_others(steps)),
        notes=tuple(dict.fromkeys(_notes(plan))),
        failure="\n".join(failures),
    )


def _records(steps: Sequence[Mapping[str, Any]]) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """The inputs of the record as it is and as it is to be."""
    for step in steps:
        if _type(step) == _RECORD:
            before = _inputs(step, "oldState")
            return before, before if step.get("op") == "same" else _inputs(step, "newState")
    return {}, {}


def _others(steps: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for step in steps:
        kind, op = _type(step), str(step.get("op", ""))
        if op not in _HALVES and not kind.startswith(_OURS):
            yield one_line(f"{op} {kind.rpartition(':')[2]} {_name(step)}", _LONGEST)


def _notes(plan: Mapping[str, Any]) -> Iterator[str]:
    for severity, text in _said(plan):
        if severity == "warning":
            yield text.removeprefix("warning: ")
    for each in _listed(plan, "diagnostics"):
        # The record's own word: a rollback, a hold that will refuse this.
        if _type(each) == _RECORD and each.get("severity") == "info":
            yield one_line(str(each.get("message", "")), _LONGEST)


def _said(plan: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for each in _listed(plan, "diagnostics"):
        severity = str(each.get("severity", ""))
        longest = 2000 if severity == "error" else _LONGEST
        yield severity, one_line(str(each.get("message", "")), longest)


def _listed(plan: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    found = plan.get(key)
    return [each for each in found if isinstance(each, Mapping)] if isinstance(found, list) else []


def _inputs(step: Mapping[str, Any], state: str) -> Mapping[str, Any]:
    found = step.get(state)
    inputs = found.get("inputs") if isinstance(found, Mapping) else None
    return inputs if isinstance(inputs, Mapping) else {}


def _type(step: Mapping[str, Any]) -> str:
    """The resource's own type, without those that it is part of."""
    parts = str(step.get("urn", "")).split("::")
    return parts[2].rpartition("$")[2] if len(parts) > 3 else ""


def _name(step: Mapping[str, Any]) -> str:
    return str(step.get("urn", "")).split("::", 3)[-1]
