"""What `pulumi preview --json` says, as changes: the engine's plan is the only plan there is."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from release.changes import Changes, built, rows_of
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
        except ValueError:
            continue
        if isinstance(document, dict) and ("steps" in document or "diagnostics" in document):
            return document
    raise ValueError("pulumi printed no plan")


def changes_of_plan(stack: str, plan: Mapping[str, Any], runs: Mapping[str, str]) -> Changes:
    """What the plan changes; `runs`: the image of each service."""
    steps = [each for each in plan.get("steps") or () if isinstance(each, Mapping)]
    failures = [said for severity, said in _said(plan) if severity == "error"]
    before, after = _records(steps)
    return Changes(
        stack=stack,
        is_plan=True,
        builds=built(after.get("images") or {}),
        rows=tuple(rows_of(before, after, runs)),
        others=tuple(_others(steps)),
        notes=tuple(dict.fromkeys(_notes(plan))),
        failure="\n".join(failures),
    )


def _records(steps: Sequence[Mapping[str, Any]]) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """The inputs of the record as it is and as it is to be."""
    for step in steps:
        if _type(step) == _RECORD:
            old, new = step.get("oldState") or {}, step.get("newState") or {}
            before = old.get("inputs") or {}
            after = before if step.get("op") == "same" else new.get("inputs") or {}
            return before, after
    return {}, {}


def _others(steps: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for step in steps:
        kind, op = _type(step), str(step.get("op", ""))
        if op not in _HALVES and not kind.startswith(_OURS):
            yield f"{op} {kind.rpartition(':')[2]} {_name(step)}"


def _notes(plan: Mapping[str, Any]) -> Iterator[str]:
    for severity, text in _said(plan):
        if severity == "warning":
            yield text.removeprefix("warning: ")
    for each in plan.get("diagnostics") or ():
        # The record's own word: a rollback, a hold that will refuse this.
        if _type(each) == _RECORD and each.get("severity") == "info":
            yield one_line(str(each.get("message", "")), _LONGEST)


def _said(plan: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for each in plan.get("diagnostics") or ():
        severity = str(each.get("severity", ""))
        longest = 2000 if severity == "error" else _LONGEST
        yield severity, one_line(str(each.get("message", "")), longest)


def _type(step: Mapping[str, Any]) -> str:
    """The resource's own type, without those that it is part of."""
    parts = str(step.get("urn", "")).split("::")
    return parts[2].rpartition("$")[2] if len(parts) > 3 else ""


def _name(step: Mapping[str, Any]) -> str:
    return str(step.get("urn", "")).split("::", 3)[-1]
