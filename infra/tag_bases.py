"""One warning for each image whose base is a tag: the registry may give it another image."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pulumi

from clients.base_images import BaseLookup
from clients.registry_auth import Keychain
from infra.access import access_of
from infra.look import Look
from infra.settings import Settings
from release.dockerfile import Base, read_bases
from release.plan import PlannedImage

_WAIT = 0.3  # seconds at the end of an update, for a digest in a warning


class TagBases:
    """The images of this update whose bases are tags."""

    def __init__(self, settings: Settings, seen: Look) -> None:
        """Asks at once, in the background, what the tags name now. A stack that promotes has
        none: it builds nothing."""
        self._images: list[tuple[PlannedImage, list[Base]]] = []
        for name, image in seen.images.items() if settings.release.images != "promote" else ():
            text = seen.dockerfiles.get(name, "")
            found = [base for base in read_bases(text, image.args) if not base.pinned]
            if found:
                self._images.append((image, found))
        asked = {base.image for _, bases in self._images for base in bases}
        self._lookup = BaseLookup(asked, Keychain(access_of(settings)))

    def warn(self) -> None:
        """One warning for each image; with the digests that came in time."""
        if not self._images:
            return
        digests = self._lookup.digests(_WAIT)
        for image, bases in self._images:
            pulumi.log.warn(warning(image, bases, digests))


def warning(image: PlannedImage, bases: Iterable[Base], digests: Mapping[str, str]) -> str:
    """What is said of one image: each tag, its line, and how to pin it."""
    return f"{image.source.name}: " + "; ".join(
        f"{image.source.dockerfile}:{base.line} is built from the tag {base.image}, which may name "
        f"another image tomorrow. Pin it{_where(base)}: {_pinned(base.image, digests)}"
        for base in bases
    )


def _where(base: Base) -> str:
    names = " and ".join(base.arguments)
    return f" in the build argument {names}" if names else ""


def _pinned(base: str, digests: Mapping[str, str]) -> str:
    if base in digests:
        return f"{base}@{digests[base]}"
    return f"{base}@sha256:… (`docker buildx imagetools inspect {base}` shows it)"
