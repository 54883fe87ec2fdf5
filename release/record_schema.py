"""The grammar of what records hold: every text has a form and a length, and none can move a
terminal's cursor."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from release.names import REPOSITORY, TAG
from release.record_text import CONTROL

SCHEMA_VERSION: Final = 1
"""Raised whenever a key is added, removed, or changes its meaning."""
RECORD_ID = re.compile(r"[0-9]{8}T[0-9]{6}Z-[0-9a-f]{7}-[0-9a-f]{6}")
STACK = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,99}")


def _has_begun(record: str) -> str:
    """The id, whose first part has to be a moment of the calendar."""
    date, time = record[:8], record[9:15]
    parts = (date[:4], date[4:6], date[6:], time[:2], time[2:4], time[4:])
    datetime(*(int(part) for part in parts))  # type: ignore[arg-type]
    return record


def _is_real(moment: str) -> str:
    datetime.fromisoformat(moment)
    return moment


RecordId = Annotated[str, Field(pattern=f"^{RECORD_ID.pattern}$"), AfterValidator(_has_begun)]
Stack = Annotated[str, Field(pattern=f"^{STACK.pattern}$")]
Commit = Annotated[str, Field(pattern="^(?:[0-9a-f]{40}|[0-9a-f]{64})$")]
Digest = Annotated[str, Field(pattern="^sha256:[0-9a-f]{64}$")]
Tag = Annotated[str, Field(pattern=f"^{TAG.pattern}$")]
Repository = Annotated[
    str, Field(pattern=rf"^[A-Za-z0-9.\[\]-]+(?::[0-9]+)?/{REPOSITORY.pattern}$", max_length=400)
]
Name = Annotated[str, Field(pattern="^[A-Za-z0-9][A-Za-z0-9._/-]*$", max_length=200)]
Line = Annotated[str, Field(pattern=f"^[^{CONTROL}]*$", max_length=500)]
Label = Annotated[str, Field(pattern=f"^[^{CONTROL}]*$", max_length=4200)]
Version = Annotated[str, Field(pattern=r"^[0-9A-Za-z][0-9A-Za-z.+_-]*$", max_length=128)]
Lines = Annotated[str, Field(pattern=rf"^(?:[^{CONTROL}]|[\n\t])*$", max_length=4000)]
Seconds = Annotated[float, Field(allow_inf_nan=False)]
Moment = Annotated[
    str,
    Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?Z$"),
    AfterValidator(_is_real),
]


class Document(BaseModel):
    """A JSON object that is refused when it has unknown keys or values of another type."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
