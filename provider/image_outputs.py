"""What an image gives back, known or yet unknown."""

from __future__ import annotations

from provider.image_inputs import ImageInputs
from provider.resource import Properties
from provider.wire import UNKNOWN


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
