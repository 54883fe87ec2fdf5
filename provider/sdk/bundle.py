"""`Bundle` as a Pulumi program writes it."""

from __future__ import annotations

import dataclasses

import pulumi
from pulumi import Input

from provider.sdk.base import inputs_of


@dataclasses.dataclass(frozen=True, kw_only=True)
class BundleArgs:
    """One object; all of it is a diff."""

    bucket: Input[str]
    """Name of the bucket."""
    key: str
    """Where it shall lie."""
    content: str
    """Its bytes as base64."""
    sha256: str
    """Their SHA-256, 64 hexadecimal digits."""


class Bundle(pulumi.CustomResource):
    """An object that is written once. Deleting it keeps it in the bucket.

    Where its key has other content already, it lies beside that, under a key that ends in its own
    SHA-256's first digits: nothing is ever written over.
    """

    key: pulumi.Output[str]
    """Where it really lies; known in a preview too."""

    def __init__(
        self, name: str, args: BundleArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """`name` is the logical name."""
        super().__init__("rollout:index:Bundle", name, inputs_of(args), opts)
