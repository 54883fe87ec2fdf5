"""The last line that the deploy script of a host prints: one JSON object, read without trust."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from release.json_document import json_of
from release.record_text import plain

_MOST_MIB = 1 << 40
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True, kw_only=True)
class HostReport:
    """What a host says of one service."""

    outcome: str
    """running, failed, absent or put-back."""
    digest: str | None
    """What runs, or (of a job) has run."""
    version: str
    """The bundle's version; may be empty."""
    detail: str
    """Why; mostly empty."""
    since: str = ""
    """When its container started, RFC 3339; empty where the script does not say it."""
    health: str = ""
    """healthy or unhealthy; empty where the script does not say it."""
    disk_free_mib: int | None = None
    """What is free where Docker keeps images, MiB; None where the script does not say it."""


def read_report(output: str, service: str) -> HostReport | None:
    """The report on that service at the end of an output; None if there is none."""
    lines = [line for line in output.splitlines() if line.strip()]
    said = _object(lines[-1]) if lines else None
    if said is None or said.get("slipway") != 1 or said.get("service") != service:
        return None
    digest, free = said.get("digest"), said.get("disk_free_mib")
    return HostReport(
        outcome=_text(said, "outcome"),
        digest=digest if isinstance(digest, str) and _DIGEST.fullmatch(digest) else None,
        version=_text(said, "version"),
        detail=_text(said, "detail"),
        since=_text(said, "since"),
        health=_text(said, "health"),
        disk_free_mib=free if type(free) is int and 0 <= free < _MOST_MIB else None,
    )


def _object(line: str) -> dict[str, Any] | None:
    try:
        said = json_of(line)
    except ValueError:
        return None
    return said if isinstance(said, dict) else None


def _text(said: dict[str, Any], name: str) -> str:
    value = said.get(name)
    return plain(value) if isinstance(value, str) else ""
