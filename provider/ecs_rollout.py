"""`rollout:index:EcsRollout`: gives a service of ECS its task definition and judges what it runs.

Delete does nothing: the service is a resource of its own, and goes or stays with that.
"""

from __future__ import annotations

from clients import ecs
from clients.ecs import revision
from provider import ecs_inputs
from provider.asked import asked_of
from provider.configured import Configured
from provider.ecs_inputs import EcsInputs
from provider.ecs_outputs import outputs_of
from provider.ecs_switch import EcsRolloutError, EcsSwitch
from provider.ecs_watch import Place, look_at
from provider.index_children import AskedImage
from provider.policy import Switched
from provider.resource import Call, Diff, Old, Properties
from provider.rollout import carry_out, diff_of, unknown_outputs, why_deployed
from provider.wire import is_known

__all__ = ["EcsRolloutError", "EcsRolloutResource"]

_ASKED = ("image", "digest", "cluster", "ecs_service", "task_definition", "count")
_REASONS = {
    "its task definition changed": ("task_definition",),
    "its count of tasks changed": ("count",),
    "it is another ECS service": ("cluster", "ecs_service"),
}


class EcsRolloutResource:
    """The methods of the resource type; see `provider.resource.Resource`."""

    def __init__(self, configured: Configured, switched: Switched) -> None:
        """`switched` is shared by all rollouts of the process, and with Together."""
        self._configured = configured
        self._switched = switched

    def check(self, inputs: Properties) -> dict[str, str]:
        """What is wrong with the inputs."""
        return ecs_inputs.check(inputs)

    def diff(self, call: Call, old: Old, inputs: Properties) -> Diff:
        """By what is asked, and by one DescribeServices: does the service still have it?"""
        return diff_of(call, old, inputs, _ASKED, self._drift)

    def settle(
        self, call: Call, inputs: Properties, old: Old | None, preview: bool
    ) -> tuple[str, Properties]:
        """Switch the service, or put it back and raise EcsRolloutError."""
        reason = why_deployed(old, inputs, _REASONS)
        if preview or not is_known(dict(inputs)):
            return "", unknown_outputs(inputs, reason, "deployed_definition")
        wanted = EcsInputs.of(inputs)
        image = AskedImage(self._configured, wanted.image, wanted.digest)
        asked = asked_of("ecs", wanted, image.tag, reason)
        switch = EcsSwitch(
            call=call, place=self._place(wanted), wanted=wanted, image=image, old=old
        )
        outputs = carry_out(self._configured, self._switched, call, asked, switch.carry_out)
        return wanted.service, outputs

    def read(self, call: Call, old: Old) -> Properties | None:
        """What really runs."""
        wanted = EcsInputs.of(old.inputs)
        self._configured.check_account()
        image = AskedImage(self._configured, wanted.image, wanted.digest)
        return {**old.outputs, **outputs_of(look_at(self._place(wanted)), wanted, image)}

    def _place(self, wanted: EcsInputs) -> Place:
        return Place(
            access=self._configured.access,
            cluster=wanted.cluster,
            ecs_service=wanted.ecs_service,
        )

    def _drift(self, old: Old) -> tuple[str, str]:
        """The property that is another than the state says, and how; empty if none is."""
        wanted = EcsInputs.of(old.inputs)
        self._configured.check_account()
        found = ecs.service(self._configured.access, wanted.cluster, wanted.ecs_service)
        if found is None:
            return "ecs_service", f"there is no ECS service {wanted.ecs_service}"
        if found.task_definition != wanted.task_definition:
            return "task_definition", _instead(found.task_definition, wanted.task_definition)
        if found.desired == 0:
            return "count", "its desired count is 0, so that nothing runs"
        if found.primary is not None and found.primary.state == "FAILED":
            return "task_definition", "ECS gave its last deployment up"
        deployed = old.outputs.get("deployed_digest") or "nothing"
        if deployed != wanted.digest:
            return "deployed_digest", f"runs {deployed} instead of {wanted.digest}"
        return "", ""


def _instead(found: str, wanted: str) -> str:
    family, number = revision(found).rsplit(":", 1)
    return f"runs revision {number} of {family} instead of {revision(wanted).rsplit(':', 1)[-1]}"
