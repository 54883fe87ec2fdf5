"""The strategy `build`: content that the registry has is found, what it lacks is built."""

from __future__ import annotations

import time
from contextlib import suppress

from clients.builder import BuildRequest
from clients.registry import NameTakenError, Registry
from clients.registry_tags import check_names, give_names
from provider.configured import Configured
from provider.image_inputs import ImageInputs
from provider.image_names import check_free, found_name, name_built, remembered_name
from provider.image_outputs import outputs_of, unknown_outputs
from provider.image_reason import why_built
from provider.image_version import give_version
from provider.resource import Call, Old, Properties


def find_or_build(
    call: Call,
    configured: Configured,
    registry: Registry,
    wanted: ImageInputs,
    inputs: Properties,
    old: Old | None,
    preview: bool,
) -> Properties:
    """Find the content by its key, or build it, and give it its names."""
    found = registry.head(wanted.content_name)
    if found is not None:
        return _found(call, configured, registry, wanted, found, old, preview)
    check_free(registry, wanted, old)
    reason = why_built(configured, wanted, inputs, old)
    if preview:
        call.info(f"{wanted.image}: will be built because {reason}")
        give_version(call, configured, registry, wanted, None, preview)
        return unknown_outputs(reason)
    return _build(call, configured, registry, wanted, reason)


def build(call: Call, configured: Configured, wanted: ImageInputs, reason: str) -> str:
    """Build and push without a name; the digest. Waits for a free place, shows progress."""
    at = configured.checkout

    def on_wait() -> None:
        call.status(f"waits for a free builder ({configured.max_builds} at a time)")

    with configured.build_slot(call.cancelled, on_wait):
        call.info(f"{wanted.image}: building because {reason}")
        began = time.monotonic()
        built = configured.builder.build(at, _request(wanted), call.status, call.cancelled)
        seconds = time.monotonic() - began
    call.info(f"{wanted.image}: built in {seconds:.1f} s, {built}")
    return built


def _found(
    call: Call,
    configured: Configured,
    registry: Registry,
    wanted: ImageInputs,
    digest: str,
    old: Old | None,
    preview: bool,
) -> Properties:
    if preview:
        check_names(registry, digest, wanted.release_names)
    else:
        given = give_names(
            registry,
            digest,
            wanted.release_names,
            wanted.movable_names,
            guarded=configured.guard,
        )
        if given:
            call.info(f"{wanted.image}: {digest} is now also {', '.join(given)}")
    tag = give_version(call, configured, registry, wanted, digest, preview)
    tag = tag or remembered_name(wanted, digest, old) or found_name(registry, wanted, digest)
    if tag is None and not preview and wanted.build_names:
        # Whoever built it ended before it had a name that a person knows.
        with suppress(NameTakenError):
            give_names(registry, digest, wanted.build_names, guarded=configured.guard)
            tag = wanted.build_names[0]
    reason = f"{wanted.repository} has it already"
    if old is None or old.outputs.get("digest") != digest:
        call.info(f"{wanted.image}: {reason}, {digest}; nothing to build")
    return outputs_of(wanted, digest, tag or wanted.content_name, reason)


def _build(
    call: Call, configured: Configured, registry: Registry, wanted: ImageInputs, reason: str
) -> Properties:
    built = build(call, configured, wanted, reason)
    digest = name_built(registry, wanted, built, configured.guard)
    if digest != built:
        call.info(f"{wanted.image}: somebody else built the same content first: {digest}")
    version = give_version(call, configured, registry, wanted, digest, preview=False)
    names = (
        *wanted.release_names,
        *([version] if version else ()),
        *wanted.build_names,
        wanted.content_name,
    )
    return outputs_of(wanted, digest, names[0], reason)


def _request(wanted: ImageInputs) -> BuildRequest:
    return BuildRequest(
        image=wanted.image,
        repository=wanted.repository,
        source=wanted.source,
        build_args=wanted.build_args,
        platforms=wanted.platforms,
        attest=wanted.attest,
        sbom=wanted.sbom,
        secrets=wanted.secrets,
        timeout=wanted.build_timeout,
        fresh=wanted.strategy == "rebuild",
    )
