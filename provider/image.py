"""`rollout:index:Image`: found, built, promoted or redeployed as its strategy says."""

from __future__ import annotations

from clients.registry import Registry
from provider import image_inputs
from provider.configured import Configured
from provider.image_build import find_or_build
from provider.image_inputs import ImageInputs
from provider.image_outputs import entry_of, outputs_of, unknown_outputs
from provider.promotion import promote, tell_without_version
from provider.rebuild import rebuild
from provider.redeploy import redeploy
from provider.resource import Call, Diff, Old, Properties
from provider.wire import UNKNOWN, is_known

_NAMES = ("release_names", "movable_names")
# What asks for an update, by strategy. A release does not follow the content of the commit.
_DECIDES = {
    "build": ("strategy", "key", *_NAMES),
    "rebuild": ("strategy", *_NAMES),
    "promote": ("strategy", *_NAMES),
    "redeploy": ("strategy", "wanted_digest"),
}


class ImageResource:
    """The methods of the resource type; see `provider.resource.Resource`."""

    def __init__(self, configured: Configured) -> None:
        self._configured = configured

    def check(self, inputs: Properties) -> dict[str, str]:
        """What is wrong with the inputs."""
        return image_inputs.check(inputs)

    def diff(self, call: Call, old: Old, inputs: Properties) -> Diff:
        """By strategy, names and content; and by one HEAD: is the image still there?"""
        if old.inputs.get("repository") != inputs["repository"]:
            return Diff(changed=["repository"], replaced=["repository"])
        wanted = ImageInputs.of(inputs)
        registry = self._configured.registry(wanted.repository)
        if wanted.strategy == "promote" and not wanted.release_names:
            tell_without_version(call, self._configured, wanted)
            return Diff()
        changed = image_inputs.changed(old.inputs, inputs, _DECIDES[wanted.strategy])
        if wanted.new_version:
            changed.append("new_version")
        if changed:
            return Diff(changed=changed)
        found = registry.head(wanted.lasting_name)
        if found == old.outputs.get("digest"):
            return Diff()
        if found is not None:
            call.info(
                f"{wanted.image}: {wanted.lasting_name} is now {found} in {wanted.repository}, "
                f"no longer {old.outputs.get('digest')}"
            )
        return Diff(changed=["digest"])

    def settle(
        self, call: Call, inputs: Properties, old: Old | None, preview: bool
    ) -> tuple[str, Properties]:
        """Make it so that the repository has the image under its names."""
        wanted = ImageInputs.of(inputs)
        if not is_known(wanted.repository):
            reason = "its repository is not made yet"
            call.info(f"{wanted.image}: will be built because {reason}")
            return "", {**unknown_outputs(reason), "deployment": UNKNOWN}
        registry = self._configured.registry(wanted.repository)
        if self._configured.keychain.ecr_region(registry.host):
            self._configured.check_account()
        deployment = self._configured.deployment
        record = UNKNOWN
        if not preview:
            deployment.refuse_if_held(wanted.version)
            record = deployment.begin(wanted.version)
        outputs = self._settled(call, registry, wanted, inputs, old, preview)
        if not preview:
            deployment.note_image(wanted.image, entry_of(wanted, outputs, record))
        return wanted.repository, {**outputs, "deployment": record}

    def read(self, call: Call, old: Old) -> Properties | None:
        """The digest that its lasting name has now."""
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
        tag = str(old.outputs.get("tag", wanted.content_name))
        return {
            **outputs_of(wanted, found, tag, "found by a refresh"),
            "deployment": old.outputs.get("deployment"),
        }

    def _settled(
        self,
        call: Call,
        registry: Registry,
        wanted: ImageInputs,
        inputs: Properties,
        old: Old | None,
        preview: bool,
    ) -> Properties:
        configured = self._configured
        match wanted.strategy:
            case "promote":
                return promote(call, configured, registry, wanted, preview)
            case "redeploy":
                return redeploy(call, registry, wanted)
            case "rebuild":
                return rebuild(call, configured, registry, wanted, preview)
        return find_or_build(call, configured, registry, wanted, inputs, old, preview)
