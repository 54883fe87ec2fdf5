"""Documents of the record store: where each is, and how it is read without being trusted."""

from __future__ import annotations

import json
from typing import TypeVar

from pydantic import ValidationError

from clients import ClientError
from release.record import Record
from release.record_schema import RECORD_ID, SCHEMA_VERSION, STACK, Document
from release.record_text import plain

Kind = TypeVar("Kind", bound=Document)


class RecordError(ClientError):
    """A record that is missing, damaged, made by a newer slipway, or closed already."""


class NotCurrentError(ClientError):
    """Another update has moved the pointer since this one began; it was not moved."""


def parsed(kind: type[Kind], where: str, data: bytes) -> Kind:
    """The document of a kind. Raises RecordError that names `where` if it can't be trusted."""
    try:
        document = json.loads(data)
        version = document["schema_version"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise RecordError(f"{where} is damaged: it is no JSON object of slipway's") from None
    if isinstance(version, int) and version > SCHEMA_VERSION:
        raise RecordError(
            f"{where} was made by a newer slipway (schema {version}, this one knows "
            f"{SCHEMA_VERSION}); update slipway in this checkout"
        )
    try:
        return kind.model_validate_json(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = plain(".".join(str(part) for part in first["loc"]), 100)
        raise RecordError(f"{where} is damaged: {place}: {plain(first['msg'], 300)}") from None


def is_called(record: Record, word: str) -> bool:
    """Whether a person means this record by a version, a name, or 7 or more digits of a commit."""
    by_commit = len(word) >= 7 and record.commit.startswith(word)
    return by_commit or word == record.version or word in record.names


def is_record(name: str) -> bool:
    """Whether an object of that name is a record."""
    return name.endswith(".json") and RECORD_ID.fullmatch(name[:-5]) is not None


def record_key(stack: str, record: str) -> str:
    """Where a record is. Raises RecordError for what is no stack's name."""
    return f"{stack_folder(stack)}{record}.json"


def pointer_key(stack: str) -> str:
    """Where a stack's pointer is. Raises RecordError for what is no stack's name."""
    return f"{stack_folder(stack)}current.json"


def stack_folder(stack: str) -> str:
    """Where the records of a stack are. Raises RecordError for what is no stack's name."""
    if not STACK.fullmatch(stack):
        raise RecordError(f"{plain(stack, 100)!r} is not the name of a stack")
    return f"records/{stack}/"


def bytes_of(document: Document) -> bytes:
    """The JSON text of a document."""
    return document.model_dump_json(indent=1).encode() + b"\n"
