"""`rollout:index:LambdaRollout`: publishes a version, calls it, moves the alias, judges what runs.

Delete does nothing: versions and alias go with their function.
"""

from __future__ import annotations

from clients import lambda_
from provider import lambda_inputs
from provider.asked import asked_of
from provider.configured import Configured
from provider.index_children import AskedImage
from provider.lambda_inputs import LambdaInputs
from provider.lambda_outputs import outputs_of
from provider.lambda_put_back import Place
from provider.lambda_switch import LambdaRolloutError, LambdaSwitch
from provider.policy import Switched
from provider.resource import Call, Diff, Old, Properties
from provider.rollout import carry_out, diff_of, unknown_outputs, why_deployed
from provider.wire import is_known

__all__ = ["LambdaRolloutError", "LambdaRolloutResource"]

_ASKED = ("image", "digest", "function", "alias", "configuration")
_REASONS = {
    "its configuration changed": ("configuration",),
    "it is another function": ("function", "alias"),
}


class LambdaRolloutResource:
    """The methods of the resource type; see `provider.resource.Resource`."""

    def __init__(self, configured: Configured, switched: Switched) -> None:
        """`switched` is shared by all rollouts of the process, and with Together."""
        self._configured = configured
        self._switched = switched

    def check(self, inputs: Properties) -> dict[str, str]:
        """What is wrong with the inputs."""
        return lambda_inputs.check(inputs)

    def diff(self, call: Call, old: Old, inputs: Properties) -> Diff:
        """By what is asked, and by one GetAlias: does the alias still point at our version?"""

        def drift(before: Old) -> tuple[str, str]:
            why = self._drift(before)
            return ("deployed_digest", why) if why else ("", "")

        return diff_of(call, old, inputs, _ASKED, drift)

    def settle(
        self, call: Call, inputs: Properties, old: Old | None, preview: bool
    ) -> tuple[str, Properties]:
        """Switch the function, or put it back and raise LambdaRolloutError."""
        reason = why_deployed(old, inputs, _REASONS)
        if preview or not is_known(dict(inputs)):
            return "", unknown_outputs(inputs, reason, "function_version")
        wanted = LambdaInputs.of(inputs)
        image = AskedImage(self._configured, wanted.image, wanted.digest)
        asked = asked_of("lambda", wanted, image.tag, reason)
        switch = LambdaSwitch(call=call, place=self._place(wanted), wanted=wanted, image=image)
        outputs = carry_out(self._configured, self._switched, call, asked, switch.carry_out)
        return wanted.service, outputs

    def read(self, call: Call, old: Old) -> Properties | None:
        """What really runs."""
        wanted = LambdaInputs.of(old.inputs)
        self._configured.check_account()
        image = AskedImage(self._configured, wanted.image, wanted.digest)
        return {**old.outputs, **outputs_of(self._place(wanted), image)}

    def _place(self, wanted: LambdaInputs) -> Place:
        return Place(access=self._configured.access, function=wanted.function, alias=wanted.alias)

    def _drift(self, old: Old) -> str:
        """How the alias is another than the state says; empty if it is not."""
        wanted = LambdaInputs.of(old.inputs)
        self._configured.check_account()
        access, ours = self._configured.access, str(old.outputs.get("function_version") or "")
        found = lambda_.alias(access, wanted.function, wanted.alias)
        if found is None:
            return f"the function {wanted.function} has no alias {wanted.alias}"
        if found.version != ours:
            now = lambda_.function(access, wanted.function, found.version)
            digest = (now.digest if now else None) or "an unknown image"
            return (
                f"{wanted.alias} points at version {found.version} ({digest}) instead of "
                f"{f'version {ours}' if ours else 'one'} with {wanted.digest}"
            )
        if found.shared:
            others = ", ".join(sorted(found.shared))
            return f"{wanted.alias} sends some calls to version {others} too"
        deployed = old.outputs.get("deployed_digest") or "nothing"
        return "" if deployed == wanted.digest else f"runs {deployed} instead of {wanted.digest}"
