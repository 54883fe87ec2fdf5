"""Whether a target runs what was asked, where it reports a platform's manifest of an index."""

from __future__ import annotations

from functools import cached_property

from provider.configured import Configured
from provider.rollout import split_image
from provider.verdict import children_of, same_image


class AskedImage:
    """The image that was asked for. Its registry is asked once, and only if digests differ."""

    def __init__(self, configured: Configured, image: str, digest: str) -> None:
        """`image` is repository:tag@digest."""
        self.digest = digest
        self.repository, self.tag = split_image(image)
        self._configured = configured

    @cached_property
    def _children(self) -> frozenset[str]:
        manifest = self._configured.registry(self.repository).get(self.digest)
        return children_of(manifest.body)

    def is_(self, found: str | None) -> bool:
        """Whether `found` is this image. Raises RegistryError."""
        if not found or found == self.digest:
            return found == self.digest
        return same_image(self.digest, found, self._children)

    def named(self, found: str | None) -> str:
        """The asked digest where `found` is this image, else `found` itself, "" for None."""
        return self.digest if self.is_(found) else found or ""
