"""Promotion and rollback: a release is content that is in its repository. Nothing here builds."""

from __future__ import annotations

from clients import ClientError
from clients.registry import Registry
from clients.registry_tags import check_names, give_names
from provider.image_inputs import ImageInputs, changed
from provider.image_outputs import outputs_of, unknown_outputs
from provider.resource import Call, Diff, Old, Properties

_DECIDES = ("promote", "release_names", "movable_names")


class NotMadeError(ClientError):
    """A release of content that nobody has built."""


def diff_promoted(call: Call, registry: Registry, old: Old, inputs: Properties) -> Diff:
    """By the release's names, and by one HEAD; the key of this commit is no matter.

    Without a version, which only a preview may lack, all stays at the recorded release, and
    content that is yet to be built is told.
    """
    wanted = ImageInputs.of(inputs)
    if not wanted.release_names:
        if registry.head(wanted.content_name) is None:
            call.info(f"{wanted.image}: this commit's content is yet to be built by another stack")
        return Diff()
    differing = changed(old.inputs, inputs, _DECIDES)
    if differing:
        return Diff(changed=differing)
    if registry.head(wanted.release_names[0]) != old.outputs.get("digest"):
        return Diff(changed=["digest"])
    return Diff()


def promote(call: Call, registry: Registry, wanted: ImageInputs, preview: bool) -> Properties:
    """Find the release, or name this commit's content as one.

    A name that exists is redeployed as it is, from any commit: that is the rollback.
    Raises NotMadeError for content that nobody has built, in a preview too only a message.
    """
    if not wanted.release_names:
        return unknown_outputs("no version is given")
    name = wanted.release_names[0]
    digest = registry.head(name)
    if digest is not None:
        reason = f"{name} exists"
        call.info(f"{wanted.image}: {name} exists: redeploying {digest}")
    else:
        digest = registry.head(wanted.content_name)
        if digest is None:
            return _not_made(call, registry, wanted, preview)
        reason = f"promoted from {wanted.content_name[:16]}…"
        call.info(f"{wanted.image}: {digest} becomes {name}; nothing is built")
    if preview:
        check_names(registry, digest, wanted.release_names)
    else:
        give_names(registry, digest, wanted.release_names, wanted.movable_names)
    return outputs_of(wanted, digest, name, reason)


def _not_made(call: Call, registry: Registry, wanted: ImageInputs, preview: bool) -> Properties:
    what = (
        f"{wanted.image}: {registry.repository} has neither {wanted.release_names[0]} nor this "
        f"commit's content ({wanted.content_name[:16]}…)"
    )
    if not preview:
        raise NotMadeError(
            f"{what}, and this stack builds nothing. Run `pulumi up` of the stack that builds, "
            "at this commit, then this again"
        )
    call.info(f"{what}: a stack that builds has to make it first")
    return unknown_outputs("it is yet to be built")
