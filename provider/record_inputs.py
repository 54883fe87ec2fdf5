"""The inputs of `Record`, checked and typed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, ValidationError

from provider.resource import Properties
from provider.wire import is_known
from release.record import BundleEntry, ImageEntry, ServiceEntry, Source
from release.record_schema import Commit, Document, Line, Name, Tag, Version
from release.record_text import plain

_IMAGE = ("digest", "tag", "deployment")
_SERVICE = ("digest", "deployment")
_LINES = ("reason", "verdict")


class RecordInputs(Document):
    """What a record is to say; every value is known."""

    version: Version | None = None
    names: Annotated[tuple[Tag, ...], Field(max_length=20000)] = ()
    commit: Commit
    source: Source | None = None
    images: Annotated[Mapping[Name, ImageEntry], Field(max_length=20000)]
    services: Annotated[Mapping[Name, ServiceEntry], Field(max_length=5000)]
    bundle: BundleEntry | None = None
    hold: Line | None = None

    @staticmethod
    def of(values: Properties) -> RecordInputs:
        """From the property bag. Raises ValidationError."""
        tidy = {name: value for name, value in values.items() if value not in (None, "")}
        for group in ("images", "services"):
            tidy[group] = {name: _tidied(each) for name, each in values.get(group, {}).items()}
        if "hold" in tidy:
            tidy["hold"] = plain(str(tidy["hold"]))
        return RecordInputs.model_validate_json(json.dumps(tidy, sort_keys=True))


def check(values: Properties) -> dict[str, str]:
    """What is wrong with the inputs, by property; unknown values are not judged."""
    if not is_known(dict(values)):
        return {}
    try:
        RecordInputs.of(values)
    except ValidationError as error:
        wrong: dict[str, str] = {}
        for each in error.errors(include_url=False, include_input=False):
            place = ".".join(str(part) for part in each["loc"])
            wrong.setdefault(str(each["loc"][0]), f"{place}: {each['msg']}")
        return wrong
    except (AttributeError, TypeError) as error:
        return {"images": f"images and services are mappings of mappings: {error}"}
    return {}


def changed(old: Properties, new: Properties) -> list[str]:
    """The inputs that ask for a new record. Names, commit, reasons and the hold alone do not."""
    asked = [] if old.get("version") == new.get("version") else ["version"]
    for group, parts in (("images", _IMAGE), ("services", _SERVICE)):
        if _deciding(old.get(group), parts) != _deciding(new.get(group), parts):
            asked.append(group)
    return asked


def _deciding(entries: object, parts: tuple[str, ...]) -> object:
    if not isinstance(entries, Mapping):
        return entries
    return {
        name: [each.get(part) for part in parts] if isinstance(each, Mapping) else each
        for name, each in entries.items()
    }


def _tidied(entry: Mapping[str, Any]) -> dict[str, Any]:
    """An entry without what is empty, and with its sentences fit for a record."""
    kept = {name: value for name, value in entry.items() if value not in (None, "")}
    return {name: plain(str(v)) if name in _LINES else v for name, v in kept.items()}
