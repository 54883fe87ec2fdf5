"""Promotion and rollback: a release is content that somebody built. Nothing here can build."""

from __future__ import annotations

from clients import ClientError
from clients.registry import NameTakenError, Registry
from clients.registry_copy import promote_image
from clients.registry_tags import check_names
from provider.configured import Configured
from provider.image_inputs import ImageInputs
from provider.image_outputs import outputs_of, unknown_outputs
from provider.resource import Call, Properties


class NotMadeError(ClientError):
    """A release of content that nobody has built."""


def tell_without_version(call: Call, configured: Configured, wanted: ImageInputs) -> None:
    """In a preview without a version all stays at the recorded release; tell what is to come."""
    if _origin(configured, wanted).head(wanted.content_name) is None:
        call.info(f"{wanted.image}: this commit's content is yet to be built by another stack")


def promote(
    call: Call, configured: Configured, registry: Registry, wanted: ImageInputs, preview: bool
) -> Properties:
    """Find the release, or name content of the origin as one.

    A name that exists is redeployed as it is, from any commit: that is the rollback.
    Raises NotMadeError for content that nobody has built, in a preview only a message; and
    NameTakenError if a source was named and the release is something else.
    """
    if not wanted.release_names:
        return unknown_outputs("no version is given")
    name = wanted.release_names[0]
    found = registry.head(name)
    if found is not None:
        if wanted.wanted_digest not in (None, found):
            raise NameTakenError(registry.repository, name, str(wanted.wanted_digest), found)
        return redeploy_release(call, configured, registry, wanted, found, preview)
    origin = _origin(configured, wanted)
    digest = origin.head(wanted.wanted_digest or wanted.content_name)
    if digest is None:
        return _not_made(call, origin, wanted, preview)
    made_of = wanted.record or f"{wanted.content_name[:16]}…"
    call.info(f"{wanted.image}: {digest} becomes {name}; nothing is built")
    if preview:
        check_names(registry, digest, wanted.release_names)
    else:
        _name(call, configured, origin, registry, wanted, digest)
    return outputs_of(wanted, digest, name, f"promoted from {made_of}")


def redeploy_release(
    call: Call,
    configured: Configured,
    registry: Registry,
    wanted: ImageInputs,
    digest: str,
    preview: bool,
) -> Properties:
    """The release as it is; names that it still lacks are given to it."""
    name = wanted.release_names[0]
    made = _made_of(configured, wanted.version or name)
    call.info(f"{wanted.image}: {name} exists: redeploying {digest}{made}")
    if preview:
        check_names(registry, digest, wanted.release_names)
    else:
        _name(call, configured, registry, registry, wanted, digest)
    return outputs_of(wanted, digest, name, f"{name} exists")


def _made_of(configured: Configured, version: str) -> str:
    """From which commit and when, by the record of that release; nothing if there is none."""
    record = configured.deployment.record_of(version)
    return f" made from {record.commit[:7]} on {record.started[:10]}" if record else ""


def _origin(configured: Configured, wanted: ImageInputs) -> Registry:
    return configured.registry(wanted.origin or wanted.repository)


def _name(
    call: Call,
    configured: Configured,
    origin: Registry,
    registry: Registry,
    wanted: ImageInputs,
    digest: str,
) -> None:
    done = promote_image(
        origin,
        registry,
        digest,
        wanted.release_names,
        wanted.movable_names,
        guarded=configured.guard,
        progress=call.status,
    ).copied
    if done.mounted or done.copied:
        call.info(
            f"{wanted.image}: brought from {origin.repository}: {done.mounted} blobs mounted, "
            f"{done.copied} copied ({done.copied_bytes} bytes)"
        )


def _not_made(call: Call, origin: Registry, wanted: ImageInputs, preview: bool) -> Properties:
    what = (
        f"{wanted.image}: {wanted.release_names[0]} does not exist, and {origin.repository} has no "
        f"{wanted.wanted_digest or 'content of this commit (' + wanted.content_name[:16] + '…)'}"
    )
    if not preview:
        raise NotMadeError(
            f"{what}; this stack builds nothing. Run `pulumi up` of the stack that builds, "
            "at this commit, then this again"
        )
    call.info(f"{what}: a stack that builds has to make it first")
    return unknown_outputs("it is yet to be built")
