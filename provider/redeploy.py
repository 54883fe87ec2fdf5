"""The strategy `redeploy`: exactly the image that a record names."""

from __future__ import annotations

from clients import ClientError
from clients.registry import Registry
from provider.image_inputs import ImageInputs
from provider.image_outputs import outputs_of
from provider.resource import Call, Properties


class GoneError(ClientError):
    """An image that a record names is not in its repository any more."""


def redeploy(call: Call, registry: Registry, wanted: ImageInputs) -> Properties:
    """The image as the record has it; no name is given. Raises GoneError."""
    digest = wanted.wanted_digest or ""
    if registry.head(digest) is None:
        raise GoneError(
            f"{wanted.image}: {wanted.repository} has no {digest}, which the record "
            f"{wanted.record} names. Choose another one: `slipway history`"
        )
    reason = f"the record {wanted.record} has it"
    call.info(f"{wanted.image}: redeploying {digest} because {reason}")
    return outputs_of(wanted, digest, wanted.wanted_tag or wanted.content_name, reason)
