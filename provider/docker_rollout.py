"""`rollout:index:DockerRollout`: starts a service's container in the place of the one before.

The container is made, not started, by Pulumi's own docker provider, which removes the one before
when all is well. Delete does nothing. See docs/decisions/0006-docker-rollout.md.
"""

from __future__ import annotations

from collections.abc import Collection

from clients.docker_containers import DockerContainers
from provider import docker_inputs
from provider.asked import asked_of
from provider.configured import Configured
from provider.docker_inputs import DockerInputs
from provider.docker_outputs import outputs_of
from provider.docker_place import Place
from provider.docker_switch import DockerRolloutError, DockerSwitch
from provider.index_children import AskedImage
from provider.policy import Done, Switched
from provider.resource import Call, Diff, Old, Properties
from provider.rollout import carry_out, diff_of, unknown_outputs, why_deployed
from provider.wire import is_known

__all__ = ["DockerRolloutError", "DockerRolloutResource"]

_ASKED = ("image", "digest", "container", "host", "owner")
_REASONS = {
    "its container is another": ("container",),
    "it is on another engine": ("host",),
}


class DockerRolloutResource:
    """The methods of the resource type; see `provider.resource.Resource`."""

    def __init__(self, configured: Configured, switched: Switched) -> None:
        """`switched` is shared by all rollouts of the process, and with Together."""
        self._configured = configured
        self._switched = switched

    def check(self, inputs: Properties) -> dict[str, str]:
        """What is wrong with the inputs."""
        return docker_inputs.check(inputs)

    def diff(self, call: Call, old: Old, inputs: Properties) -> Diff:
        """By what is asked, and by a look at the container: does it run that digest?"""
        return diff_of(call, old, inputs, _ASKED, self._drift)

    def settle(
        self, call: Call, inputs: Properties, old: Old | None, preview: bool
    ) -> tuple[str, Properties]:
        """Switch the service, or put it back and raise DockerRolloutError."""
        reason = why_deployed(old, inputs, _REASONS)
        if preview or not is_known(dict(inputs)):
            return "", unknown_outputs(inputs, reason)
        wanted = DockerInputs.of(inputs)
        former = old.outputs.get("running") if old else None

        def work() -> Done:
            place = self._place(wanted, tuple(former or ()))
            return DockerSwitch(call=call, place=place, wanted=wanted).carry_out()

        version = AskedImage(self._configured, wanted.image, wanted.digest).tag
        asked = asked_of("docker", wanted, version, reason)
        outputs = carry_out(self._configured, self._switched, call, asked, work)
        return wanted.service, outputs

    def read(self, call: Call, old: Old) -> Properties | None:
        """What really runs."""
        wanted = DockerInputs.of(old.inputs)
        place = self._place(wanted)
        return {**old.outputs, **outputs_of(place, place.engine.find(wanted.container))}

    def _place(self, wanted: DockerInputs, former: Collection[str] = ()) -> Place:
        return Place(
            engine=DockerContainers(wanted.host),
            image=AskedImage(self._configured, wanted.image, wanted.digest),
            owner=wanted.owner,
            drain=wanted.drain,
            former=former,
        )

    def _drift(self, old: Old) -> tuple[str, str]:
        """The property that is another than the state says, and how; empty if none is."""
        wanted = DockerInputs.of(old.inputs)
        place = self._place(wanted)
        found = place.engine.find(wanted.container)
        if found is None:
            return "container", f"its container {wanted.container[:12]} is gone"
        if not found.running:
            return "container", f"its container {found.name} is {found.state}"
        runs = place.digest(found)
        # Without a digest (`docker rmi` took the name away) it is still what was started then.
        if runs and runs != wanted.digest:
            return "deployed_digest", f"runs {runs} instead of {wanted.digest}"
        return "", ""
