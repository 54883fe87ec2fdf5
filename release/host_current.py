"""What the machines of a stack are to run: a document that a machine reads when it boots.

records/<stack>/hosts.json has one line for each service, so that a shell script can read it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass

from release.json_document import json_of

SCHEMA_VERSION = 1
LARGEST = 1 << 20  # bytes
_GRAMMAR = {
    "service": re.compile(r"[a-z][a-z0-9-]{0,30}"),
    "kind": re.compile(r"service|job"),
    "key": re.compile(r"bundles/[A-Za-z0-9._/-]{1,250}"),
    "sha256": re.compile(r"[0-9a-f]{64}"),
    "version": re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}"),
    "image": re.compile(r"[A-Za-z0-9._:/-]{1,400}@sha256:[0-9a-f]{64}"),
    "timeout": re.compile(r"[0-9]{1,4}"),
}


@dataclass(frozen=True, kw_only=True)
class HostEntry:
    """What a machine needs for deploying one service: the values of the deploy document.

    Raises `ValueError` for a value that the machine would refuse.
    """

    service: str
    kind: str
    """service or job"""
    key: str
    """Where the bundle is."""
    sha256: str
    """The bundle's."""
    version: str
    """The bundle's."""
    image: str
    """registry/repository:tag@digest"""
    timeout: str
    """Seconds."""

    def __post_init__(self) -> None:
        for name, grammar in _GRAMMAR.items():
            value = getattr(self, name)
            if not isinstance(value, str) or not grammar.fullmatch(value):
                raise ValueError(f"{repr(value)[:200]} is not a {name}; allowed: {grammar.pattern}")


def key_of(stack: str) -> str:
    """Where the document of a stack is."""
    return f"records/{stack}/hosts.json"


def text_of(entries: Iterable[HostEntry]) -> str:
    """The document, a service a line; the same text for the same services."""
    lines = (
        json.dumps(asdict(each), separators=(",", ":"))
        for each in sorted(entries, key=lambda each: each.service)
    )
    return f'{{"schema_version": {SCHEMA_VERSION}, "services": [\n' + ",\n".join(lines) + "\n]}\n"


def entries_of(data: bytes) -> Mapping[str, HostEntry]:
    """The services of a document by name. Raises `ValueError` if it is none of this version."""
    try:
        document = json_of(data)
        if document["schema_version"] != SCHEMA_VERSION:
            raise ValueError(f"its schema is another one; allowed: {SCHEMA_VERSION}")
        found = [HostEntry(**each) for each in document["services"]]
    except (KeyError, TypeError) as error:
        raise ValueError(f"no document of hosts: {repr(error)[:200]}") from None
    return {each.service: each for each in found}
