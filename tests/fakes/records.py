"""Records with made-up content."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from release.record import ImageEntry, Pointer, Record, ServiceEntry
from release.record_text import moment, new_id

COMMIT = "7d2a1b0" + "0" * 33
D1, D2 = ("sha256:" + letter * 64 for letter in "12")
NOW = datetime.now(UTC).replace(microsecond=0)


def record(ago: float = 0.0, **values: Any) -> Record:
    """A record that was begun `ago` hours ago, and succeeded."""
    began = NOW - timedelta(hours=ago)
    commit = values.get("commit", COMMIT)
    plain = {
        "id": new_id(commit, began, f"{int(ago * 100):06x}"),
        "project": "slipway",
        "stack": "prod",
        "commit": commit,
        "checkout": commit,
        "who": "ada@laptop",
        "where": "laptop",
        "started": moment(began),
        "finished": moment(began + timedelta(seconds=75)),
        "outcome": "succeeded",
    }
    return Record.model_validate({**plain, **values})


def image(digest: str = D1, tag: str = "v1.2.0", **values: Any) -> ImageEntry:
    """The entry of an image."""
    return ImageEntry(repository="127.0.0.1:4510/prod/shop", digest=digest, tag=tag, **values)


def service(digest: str = D1, **values: Any) -> ServiceEntry:
    """The entry of a service."""
    ref = f"127.0.0.1:4510/prod/shop:v1.2.0@{digest}"
    return ServiceEntry(target="host", image=ref, digest=digest, **values)


def pointer_to(made: Record, **values: Any) -> Pointer:
    """The pointer to a record."""
    return Pointer(
        stack=made.stack, record=made.id, version=made.version, moved=made.started, **values
    )
