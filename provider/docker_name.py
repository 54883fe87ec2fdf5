"""`rollout:index:DockerName`: the name of a service's container, another one for each version.

Containers of two versions exist at the same time, so that what ran can be put back; and one that is
gone is made anew under another name. Delete does nothing.
"""

from __future__ import annotations

import secrets

from clients.docker_containers import DockerContainers
from provider import rollout_inputs
from provider.docker_inputs import check_host
from provider.resource import Call, Diff, Old, Properties
from provider.wire import UNKNOWN, is_known

_ASKED = ("host", "owner", "digest", "settings")
_LETTERS = 4  # bytes, two letters each


class DockerNameResource:
    """The methods of the resource type; see `provider.resource.Resource`."""

    def check(self, inputs: Properties) -> dict[str, str]:
        """What is wrong with the inputs."""
        wrong: dict[str, str] = {}
        for name in ("service", *_ASKED):
            value = inputs.get(name)
            if not isinstance(value, str) or not value:
                wrong[name] = f"{name} is missing; allowed: a text that is not empty"
        check_host(inputs, wrong)
        rollout_inputs.check_wishes(inputs, wrong)
        return wrong

    def diff(self, call: Call, old: Old, inputs: Properties) -> Diff:
        """By what is asked, and by one look at the container."""
        if old.inputs.get("service") != inputs["service"]:
            return Diff(changed=["service"], replaced=["service"])
        changed = [name for name in _ASKED if old.inputs.get(name) != inputs.get(name)]
        if inputs.get("again"):
            changed.append("again")
        if not changed:
            why = self._drift(old)
            if why:
                call.info(f"{inputs['service']}: {why}; it will be deployed again")
                changed.append("name")
        return Diff(changed=changed)

    def settle(
        self, call: Call, inputs: Properties, old: Old | None, preview: bool
    ) -> tuple[str, Properties]:
        """Another name."""
        if preview or not is_known(dict(inputs)):
            return "", {"name": UNKNOWN}
        service = str(inputs["service"])
        return service, {"name": f"{service}-{secrets.token_hex(_LETTERS)}"}

    def read(self, call: Call, old: Old) -> Properties | None:
        """As the state has it: whether the container is there is a diff, with its reason."""
        return old.outputs

    def _drift(self, old: Old) -> str:
        """How there is another container than the state says; empty if there is not."""
        name, owner = str(old.outputs.get("name")), str(old.inputs["owner"])
        engine = DockerContainers(str(old.inputs["host"]))
        found = engine.find(name)
        if found is None:
            return f"its container {name} is gone"
        if found.owner == owner:
            return ""
        digests = engine.digests(found.image_id).values()
        runs = next((digest for listed in digests for digest in listed), found.image_id)
        return f"{name} was replaced: it runs {runs} instead of {old.inputs['digest']}"
