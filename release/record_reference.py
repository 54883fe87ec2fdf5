"""The reference of records, made from their models: `python -m release.record_reference`."""

from __future__ import annotations

from collections.abc import Mapping
from inspect import cleandoc
from typing import Any

from pydantic import BaseModel

from release.attribute_docs import attribute_docs
from release.record import (
    BundleEntry,
    Hold,
    ImageEntry,
    NameClaim,
    Pointer,
    Record,
    ServiceEntry,
    Source,
)
from release.record_schema import SCHEMA_VERSION

SECTIONS: dict[str, type[BaseModel]] = {
    "Record": Record,
    "Record: `images.<name>`": ImageEntry,
    "Record: `services.<name>`": ServiceEntry,
    "Record: `source`": Source,
    "Record: `bundle`": BundleEntry,
    "Pointer": Pointer,
    "Pointer: `hold`": Hold,
    "Name claim": NameClaim,
}
INTRODUCTION = f"""# Records

Every update that changes something leaves one JSON object in the bundle bucket. A no-op writes
nothing. This is schema version {SCHEMA_VERSION}; it is raised whenever a key comes, goes, or
changes its meaning, and a slipway that does not know a version refuses to read it.

| object | written | condition |
| --- | --- | --- |
| `records/<stack>/<id>.json` | as `open` before the first rollout; closed once, as `succeeded` \
or `failed` | `If-None-Match: *`, then `If-Match` |
| `records/<stack>/current.json` | after all else: the pointer to the current record | `If-Match` \
with the etag that was there when the update began |
| `names/<host>/<repository>/<name>` | before a release name is given where the registry itself \
would let it move | `If-None-Match: *` |

So a record that is still `open` after its run has ended is an update that was killed; a late, older
run can't move the pointer back; and of two runs that race for a name, one gets it.

A **hold** in the pointer stops newer updates. A rollback sets it: `slipway rollback`, or `pulumi
up` with a version older than the current one. The same version and older ones pass; without
versions every change is refused. `slipway resume <stack>` lifts it.

Keys that are not in these tables, control characters, wrong forms and sizes beyond the limits are
refused when a record is read. Nobody's credentials are in a record, and nothing of the environment
but who ran the update and where. `slipway history <stack> --json` prints records as they are.

This page is made from the models by `make docs`; a test keeps it fresh.
"""


def reference() -> str:
    """The page as Markdown."""
    return "\n".join([INTRODUCTION, *tables(SECTIONS)])


def tables(sections: Mapping[str, type[BaseModel]]) -> list[str]:
    """One chapter for each model, with a row for each of its keys."""
    parts = []
    for title, model in sections.items():
        properties = model.model_json_schema()["properties"]
        docs = attribute_docs(model)
        rows = [_row(model, name, schema, docs[name]) for name, schema in properties.items()]
        head = ["| key | form | meaning |", "| --- | --- | --- |"]
        parts.append(
            "\n".join([f"## {title}\n\n{cleandoc(model.__doc__ or '')}\n", *head, *rows]) + "\n"
        )
    return parts


def _row(model: type[BaseModel], name: str, schema: dict[str, Any], doc: str) -> str:
    field = model.model_fields[name]
    meaning = " ".join(doc.split())
    needed = "" if field.is_required() or "const" in schema else ", optional"
    return f"| `{name}` | {_form(schema)}{needed} | {meaning} |"


def _form(schema: dict[str, Any]) -> str:
    """A form in a few words, from the JSON schema of a field."""
    kinds = [each for each in schema.get("anyOf", [schema]) if each.get("type") != "null"]
    (only,) = kinds
    if "const" in only:
        return f"{only['const']}"
    if "enum" in only:
        return " or ".join(only["enum"])
    if "$ref" in only:
        return "see below"
    if only["type"] == "object":
        return "mapping"
    if only["type"] == "array":
        return "list"
    words = {"string": "text", "number": "number", "integer": "number", "boolean": "true or false"}
    return words[only["type"]]


if __name__ == "__main__":
    print(reference(), end="")
