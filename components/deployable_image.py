"""The image of a service, as its component needs it."""

from __future__ import annotations

from typing import Protocol

import pulumi


class DeployableImage(Protocol):
    """What a service needs of its image; `provider.sdk.Image` has it."""

    @property
    def digest(self) -> pulumi.Output[str]:
        """sha256:… of the manifest or index."""

    @property
    def ref(self) -> pulumi.Output[str]:
        """repository:tag@digest."""

    @property
    def tag(self) -> pulumi.Output[str]:
        """The name that people read."""
