"""Whether a target runs what was asked, where it reports a platform's manifest of an index."""

from __future__ import annotations

from functools import cached_property

from clients.image_proof import configurations_of, platforms_of
from clients.registry_http import RegistryError
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

    @cached_property
    def _configurations(self) -> frozenset[str]:
        return configurations_of(self._configured.registry(self.repository), self.digest)

    def holds(self, image_id: str, told: str = "") -> bool:
        """Whether what a runtime calls repository@digest is this image.

        It knows images by their configuration, and calls one by any manifest that it has met it
        under: the same content with another provenance, or in another repository. `told` is the
        digest that the runtime itself was asked for: it is believed where that other repository
        can't be asked any more. Raises RegistryError if this image can't be looked up.
        """
        repository, _, found = image_id.rpartition("@")
        if self.is_(found):
            return True
        try:
            others = configurations_of(self._configured.registry(repository), found)
        except (RegistryError, ValueError):
            return told == self.digest  # its registry is gone, has it no more, or hides it
        return bool(self._configurations & others)

    @cached_property
    def platforms(self) -> tuple[str, ...]:
        """What it runs on, such as linux/amd64; empty if it does not say. Raises RegistryError."""
        return platforms_of(self._configured.registry(self.repository), self.digest)

    def is_(self, found: str | None) -> bool:
        """Whether `found` is this image. Raises RegistryError."""
        if not found or found == self.digest:
            return found == self.digest
        return same_image(self.digest, found, self._children)

    def named(self, found: str | None) -> str:
        """The asked digest where `found` is this image, else `found` itself, "" for None."""
        return self.digest if self.is_(found) else found or ""
