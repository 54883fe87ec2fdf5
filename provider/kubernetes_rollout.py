"""`rollout:index:KubernetesRollout`: owns a deployment, switches it, and judges what its pods run.

Delete does nothing: what it has made belongs to the service account, and goes with that.
"""

from __future__ import annotations

from typing import Any

from clients.kubernetes import Kubernetes
from clients.kubernetes_config import cluster_of
from provider import kubernetes_inputs
from provider.asked import asked_of
from provider.configured import Configured
from provider.index_children import AskedImage
from provider.kubernetes_drift import drift_of
from provider.kubernetes_inputs import KubernetesInputs
from provider.kubernetes_place import Place, asked_digest
from provider.kubernetes_secrets import write_login, write_variables
from provider.kubernetes_switch import KubernetesRolloutError, KubernetesSwitch
from provider.policy import Switched
from provider.resource import Call, Diff, Old, Properties
from provider.rollout import carry_out, diff_of, unknown_outputs, why_deployed
from provider.verdict import Verdict
from provider.wire import is_known

__all__ = ["KubernetesRolloutError", "KubernetesRolloutResource"]

_ASKED = ("image", "digest", "namespace", "manifests", "before", "references", "parameters")
_REASONS = {
    "its manifests changed": ("manifests", "before"),
    "its secrets changed": ("references", "parameters"),
    "it is another namespace": ("namespace",),
}


class KubernetesRolloutResource:
    """The methods of the resource type; see `provider.resource.Resource`."""

    def __init__(self, configured: Configured, switched: Switched) -> None:
        """`switched` is shared by all rollouts of the process, and with Together."""
        self._configured = configured
        self._switched = switched
        self._apis: dict[str, Kubernetes] = {}

    def check(self, inputs: Properties) -> dict[str, str]:
        """What is wrong with the inputs."""
        return kubernetes_inputs.check(inputs)

    def diff(self, call: Call, old: Old, inputs: Properties) -> Diff:
        """By what is asked, and by what the cluster would change if it were applied again."""

        def drift(before: Old) -> tuple[str, str]:
            wanted = KubernetesInputs.of({**before.inputs, "kubeconfig": inputs["kubeconfig"]})
            why = drift_of(self._place(wanted), wanted)
            return ("deployed_digest", why) if why else ("", "")

        return diff_of(call, old, inputs, _ASKED, drift)

    def settle(
        self, call: Call, inputs: Properties, old: Old | None, preview: bool
    ) -> tuple[str, Properties]:
        """Switch the deployment, or put it back and raise KubernetesRolloutError."""
        reason = why_deployed(old, inputs, _REASONS)
        if preview or not is_known(dict(inputs)):
            return "", unknown_outputs(inputs, reason)
        wanted = KubernetesInputs.of(inputs)
        image = AskedImage(self._configured, wanted.image, wanted.digest)
        place = self._place(wanted)

        def secrets() -> None:
            if wanted.login:
                write_login(place, self._configured.keychain, wanted)
            write_variables(place, self._configured.access, wanted)

        switch = KubernetesSwitch(
            call=call, place=place, wanted=wanted, image=image, old=old, secrets=secrets
        )
        asked = asked_of("microk8s", wanted, image.tag, reason)
        outputs = carry_out(self._configured, self._switched, call, asked, switch.carry_out)
        return wanted.service, outputs

    def read(self, call: Call, old: Old) -> Properties | None:
        """What really runs."""
        wanted = KubernetesInputs.of(old.inputs)
        place = self._place(wanted)
        workload = place.workload(str(wanted.workload["kind"]))
        return {**old.outputs, **self._outputs(wanted, place, workload)}

    def _outputs(
        self, wanted: KubernetesInputs, place: Place, workload: dict[str, Any] | None
    ) -> dict[str, Any]:
        if workload is None:
            words = Verdict(outcome="absent").words
            return {"verdict": words, "running": {}, "deployed_digest": ""}
        image = AskedImage(self._configured, wanted.image, wanted.digest)
        digest = asked_digest(workload)
        if wanted.scheduled:
            return {"verdict": f"scheduled {digest}", "running": {}, "deployed_digest": digest}
        running = {
            pod: image.digest if image.holds(found, told) else found.rpartition("@")[2]
            for pod, (found, told) in place.running().items()
        }
        return {
            "verdict": Verdict(outcome="running", digest=digest).words,
            "running": running,
            "deployed_digest": digest,
        }

    def _place(self, wanted: KubernetesInputs) -> Place:
        if wanted.kubeconfig not in self._apis:
            self._apis[wanted.kubeconfig] = Kubernetes(cluster_of(wanted.kubeconfig))
        return Place(
            api=self._apis[wanted.kubeconfig], namespace=wanted.namespace, service=wanted.service
        )
