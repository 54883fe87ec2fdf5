"""What an image gives back, known or yet unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from provider.image_inputs import ImageInputs
from provider.resource import Properties
from provider.wire import UNKNOWN
from release.record_text import plain

if TYPE_CHECKING:
    from release.record import ImageEntry


def outputs_of(wanted: ImageInputs, digest: str, tag: str, reason: str) -> Properties:
    """The outputs of an image that is in its repository."""
    return {
        "digest": digest,
        "tag": tag,
        "ref": f"{wanted.repository}:{tag}@{digest}",
        "uri": f"{wanted.repository}@{digest}",
        "reason": reason,
    }


def unknown_outputs(reason: str) -> Properties:
    """The outputs of an image whose digest a preview can't know."""
    return {**dict.fromkeys(("digest", "tag", "ref", "uri"), UNKNOWN), "reason": reason}


def entry_of(wanted: ImageInputs, outputs: Properties, record: str) -> ImageEntry:
    """What the record of an update says of an image that it has made or found."""
    from release.record import ImageEntry  # late: a no-op makes none

    return ImageEntry(
        repository=wanted.repository,
        digest=outputs["digest"],
        tag=outputs["tag"],
        reason=plain(str(outputs["reason"])),
        key=wanted.key,
        deployment=record or None,
    )
