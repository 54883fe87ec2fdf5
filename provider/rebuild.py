"""The strategy `rebuild`: every release is built anew, once; its name then stays what it is."""

from __future__ import annotations

from clients.registry import Registry
from clients.registry_tags import give_names
from provider.configured import Configured
from provider.image_build import build
from provider.image_inputs import ImageInputs
from provider.image_outputs import outputs_of, unknown_outputs
from provider.promotion import redeploy_release
from provider.resource import Call, Properties


def rebuild(
    call: Call, configured: Configured, registry: Registry, wanted: ImageInputs, preview: bool
) -> Properties:
    """Redeploy the release of that name, or build it without any cache and name it.

    Nothing is looked up by content: a base image that was mended since is in it (seed 000, "Prod
    always rebuilds every image").
    """
    if not wanted.release_names:
        return unknown_outputs("no version is given")
    name = wanted.release_names[0]
    digest = registry.head(name)
    if digest is not None:
        return redeploy_release(call, configured, registry, wanted, digest, preview)
    reason = f"{name} is a new release, and releases are built anew"
    if preview:
        call.info(f"{wanted.image}: will be built because {reason}")
        return unknown_outputs(reason)
    digest = build(call, configured, wanted, reason)
    give_names(
        registry,
        digest,
        wanted.release_names,
        wanted.movable_names,
        guarded=configured.guard,
    )
    return outputs_of(wanted, digest, name, reason)
