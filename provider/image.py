"""`rollout:index:Image`: looked up by content key, built when missing, named, never deleted."""

from __future__ import annotations

import time
from contextlib import suppress

from clients.builder import BuildRequest
from clients.registry import NameTakenError, Registry
from clients.registry_tags import check_names, give_names
from provider import image_inputs
from provider.configured import Configured
from provider.image_inputs import ImageInputs
from provider.image_names import check_free, found_name, name_built, remembered_name
from provider.image_outputs import outputs_of, unknown_outputs
from provider.image_reason import why_built
from provider.promotion import diff_promoted, promote
from provider.resource import Call, Diff, Old, Properties
from provider.wire import is_known

_NAMES = ("release_names", "movable_names")


class ImageResource:
    """The methods of the resource type; see `provider.resource.Resource`."""

    def __init__(self, configured: Configured) -> None:
        self._configured = configured

    def check(self, inputs: Properties) -> dict[str, str]:
        """What is wrong with the inputs."""
        return image_inputs.check(inputs)

    def diff(self, call: Call, old: Old, inputs: Properties) -> Diff:
        """By key, names and repository; and by one HEAD: is the image still there?"""
        if old.inputs.get("repository") != inputs["repository"]:
            return Diff(changed=["repository"], replaced=["repository"])
        if inputs.get("promote"):
            registry = self._configured.registry(inputs["repository"])
            return diff_promoted(call, registry, old, inputs)
        asked = ["key", "promote", *_NAMES]
        changed = image_inputs.changed(old.inputs, inputs, asked)
        if changed:
            return Diff(changed=changed)
        wanted = ImageInputs.of(inputs)
        found = self._configured.registry(wanted.repository).head(wanted.content_name)
        if found == old.outputs.get("digest"):
            return Diff()
        if found is not None:
            call.info(
                f"{wanted.image}: {wanted.content_name} is now {found} in {wanted.repository}, "
                f"no longer {old.outputs.get('digest')}"
            )
        return Diff(changed=["digest"])

    def settle(
        self, call: Call, inputs: Properties, old: Old | None, preview: bool
    ) -> tuple[str, Properties]:
        """Find or build the content, and give it its names."""
        wanted = ImageInputs.of(inputs)
        if not is_known(wanted.repository):
            reason = "its repository is not made yet"
            call.info(f"{wanted.image}: will be built because {reason}")
            return "", unknown_outputs(reason)
        registry = self._configured.registry(wanted.repository)
        if self._configured.keychain.ecr_region(registry.host):
            self._configured.check_account()
        if wanted.promote:
            return wanted.repository, promote(call, registry, wanted, preview)
        found = registry.head(wanted.content_name)
        if found is not None:
            outputs = self._found(call, registry, wanted, found, old, preview)
            return wanted.repository, outputs
        check_free(registry, wanted, old)
        reason = why_built(self._configured, wanted, inputs, old)
        if preview:
            call.info(f"{wanted.image}: will be built because {reason}")
            return wanted.repository, unknown_outputs(reason)
        return wanted.repository, self._build(call, registry, wanted, reason)

    def read(self, call: Call, old: Old) -> Properties | None:
        """The digest that the content key has now."""
        wanted = ImageInputs.of(old.inputs)
        found = self._configured.registry(wanted.repository).head(wanted.lasting_name)
        if found is None:
            call.info(
                f"{wanted.image}: {wanted.lasting_name} has vanished from "
                f"{wanted.repository}; the next update makes it again"
            )
            return None
        if found == old.outputs.get("digest"):
            return old.outputs
        return outputs_of(
            wanted, found, str(old.outputs.get("tag", wanted.content_name)), "found by a refresh"
        )

    def _found(
        self,
        call: Call,
        registry: Registry,
        wanted: ImageInputs,
        digest: str,
        old: Old | None,
        preview: bool,
    ) -> Properties:
        if preview:
            check_names(registry, digest, wanted.release_names)
        else:
            given = give_names(registry, digest, wanted.release_names, wanted.movable_names)
            if given:
                call.info(f"{wanted.image}: {digest} is now also {', '.join(given)}")
        tag = remembered_name(wanted, digest, old) or found_name(registry, wanted, digest)
        if tag is None and not preview and wanted.build_names:
            # Whoever built it ended before it had a name that a person knows.
            with suppress(NameTakenError):
                give_names(registry, digest, wanted.build_names)
                tag = wanted.build_names[0]
        reason = f"{wanted.repository} has it already"
        if old is None or old.outputs.get("digest") != digest:
            call.info(f"{wanted.image}: {reason}, {digest}; nothing to build")
        return outputs_of(wanted, digest, tag or wanted.content_name, reason)

    def _build(
        self, call: Call, registry: Registry, wanted: ImageInputs, reason: str
    ) -> Properties:
        configured = self._configured
        at = configured.checkout

        def on_wait() -> None:
            call.status(f"waits for a free builder ({configured.max_builds} at a time)")

        with configured.build_slot(call.cancelled, on_wait):
            call.info(f"{wanted.image}: building because {reason}")
            began = time.monotonic()
            built = configured.builder.build(at, _request(wanted), call.status, call.cancelled)
            seconds = time.monotonic() - began
        digest = name_built(registry, wanted, built)
        if digest != built:
            call.info(f"{wanted.image}: somebody else built the same content first: {digest}")
        call.info(f"{wanted.image}: built in {seconds:.1f} s, {digest}")
        names = (*wanted.release_names, *wanted.build_names, wanted.content_name)
        return outputs_of(wanted, digest, names[0], reason)


def _request(wanted: ImageInputs) -> BuildRequest:
    return BuildRequest(
        image=wanted.image,
        repository=wanted.repository,
        source=wanted.source,
        build_args=wanted.build_args,
        platforms=wanted.platforms,
        attest=wanted.attest,
        timeout=wanted.build_timeout,
    )
