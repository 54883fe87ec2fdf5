"""`rollout:index:HostRollout`: switches hosts by an SSM document and judges what they run.

Delete does nothing: the container keeps running until its host ends, which the same destroy does
for a host of the stack, and a host that was only looked up is not this stack's to change.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from clients import ClientError, ssm
from clients.ssm import Command, Invocation
from provider import host_inputs
from provider.configured import Configured
from provider.host_inputs import HostInputs
from provider.host_outcome import (
    entry_of,
    hosts_of,
    outputs_of,
    slowest,
    unknown_outputs,
    why_deployed,
)
from provider.host_verdict import HostVerdict, brief, report, verdict
from provider.resource import Call, Diff, Old, Properties
from provider.wire import is_known

_ASKED = ("kind", "document", "document_hash", "image", "digest", "fingerprint")
_SLACK = 45.0  # seconds beyond the host's own limit: delivery, and putting back
_LOOK = 60.0  # seconds for reading back, and for putting back
_BOOT = 300.0  # seconds that a new host has to begin to listen


class HostRolloutError(ClientError):
    """Not every host runs what was asked; those that had switched are back."""

    def __init__(self, message: str, brief: str | None = None) -> None:
        """`brief` leaves out what the services printed: a record must not keep that."""
        super().__init__(message)
        self.brief = brief or message


class HostRolloutResource:
    """The methods of the resource type; see `provider.resource.Resource`."""

    def __init__(self, configured: Configured) -> None:
        self._configured = configured

    def check(self, inputs: Properties) -> dict[str, str]:
        """What is wrong with the inputs."""
        return host_inputs.check(inputs)

    def diff(self, call: Call, old: Old, inputs: Properties) -> Diff:
        """By what runs and how, and by what a refresh found; no host is asked."""
        if old.inputs.get("service") != inputs["service"]:
            return Diff(changed=["service"], replaced=["service"])
        changed = [name for name in _ASKED if old.inputs.get(name) != inputs.get(name)]
        if hosts_of(old.inputs) != hosts_of(inputs):
            changed.append("instances")
        if inputs.get("again"):
            changed.append("again")
        found = old.outputs.get("deployed_digest") or "nothing"
        if not changed and found != old.inputs.get("digest"):
            call.info(
                f"{inputs['service']}: runs {found} instead of {inputs['digest']}; "
                "it will be deployed again"
            )
            changed.append("deployed_digest")
        return Diff(changed=changed)

    def settle(
        self, call: Call, inputs: Properties, old: Old | None, preview: bool
    ) -> tuple[str, Properties]:
        """Switch all hosts, or put all back and raise HostRolloutError."""
        if preview or not is_known(dict(inputs)):
            return "", unknown_outputs(inputs, old)
        wanted, deployment = HostInputs.of(inputs), self._configured.deployment
        self._configured.check_account()
        with deployment.acting(call, wanted.service, wanted.release) as record:
            outputs = self._switch(call, wanted, old)
        outputs["reason"] = why_deployed(old, inputs)
        outputs["deployment"] = record
        if deployment.kept:
            deployment.note(wanted.service, entry_of(wanted, outputs))
        return wanted.service, outputs

    def read(self, call: Call, old: Old) -> Properties | None:
        """What really runs, asked from every host that listens."""
        wanted = HostInputs.of(old.inputs)
        silent = ssm.offline(self._configured.access, wanted.instances)
        for instance, reason in silent.items():
            call.info(f"{wanted.service}: {instance} can't be asked what it runs: {reason}")
        asked = [each for each in wanted.instances if each not in silent]
        if not asked:
            return old.outputs
        verdicts = self._run(call, wanted, "status", asked, _LOOK)
        return {**old.outputs, **outputs_of(wanted, verdicts)}

    def _switch(self, call: Call, wanted: HostInputs, old: Old | None) -> dict[str, Any]:
        before = old.inputs.get("instances", []) if old else []
        new = [each for each in wanted.instances if each not in before]
        self._wait_online(call, wanted, new)
        began = time.monotonic()
        verdicts = self._deploy(call, wanted, new)
        if not all(each.runs(wanted.digest) for each in verdicts):
            restored = self._put_back(call, wanted, verdicts)
            raise HostRolloutError(
                report(wanted.service, wanted.digest, verdicts, restored),
                brief(wanted.service, wanted.digest, verdicts, restored),
            )
        outputs = outputs_of(wanted, verdicts)
        outputs["seconds"] = {**slowest(verdicts), "total": round(time.monotonic() - began, 3)}
        return outputs

    def _wait_online(self, call: Call, wanted: HostInputs, new: Sequence[str]) -> None:
        """Fail at once for a known host that is offline; give a new one time to boot."""
        deadline = time.monotonic() + _BOOT
        while silent := ssm.offline(self._configured.access, wanted.instances):
            if not set(silent) <= set(new) or time.monotonic() > deadline:
                hosts = "; ".join(f"{each}: {reason}" for each, reason in silent.items())
                raise HostRolloutError(
                    f"{wanted.service}: not every host is online, and nothing was changed: "
                    f"{hosts}. "
                    "Start the instance, see that its role allows Systems Manager, or take it out"
                )
            call.status(f"waits for {', '.join(silent)} to boot")
            if call.cancelled.wait(1.0):
                raise ClientError(f"{wanted.service}: cancelled while its host was booting")

    def _deploy(self, call: Call, wanted: HostInputs, new: Sequence[str]) -> list[HostVerdict]:
        call.status(f"deploying {wanted.version} to {len(wanted.instances)} hosts")
        # A new host listens before its install script has ended, and the document waits for that.
        limit = wanted.timeout + _SLACK + (_BOOT if new else 0.0)
        return self._run(call, wanted, "deploy", wanted.instances, limit)

    def _put_back(
        self, call: Call, wanted: HostInputs, verdicts: Sequence[HostVerdict]
    ) -> Mapping[str, str]:
        """Put hosts back that had switched, so that the service is one version everywhere."""
        unsure = [each.instance for each in verdicts if each.outcome in ("timed-out", "no-answer")]
        switched = [each.instance for each in verdicts if each.outcome == "running"]
        try:
            if unsure:
                now = self._run(call, wanted, "status", unsure, _LOOK)
                switched += [
                    each.instance
                    for each in now
                    if each.runs(wanted.digest) and each.version == wanted.version
                ]
            if not switched:
                return {}
            call.info(f"{wanted.service}: putting back {', '.join(switched)}")
            back = self._run(call, wanted, "restore", switched, wanted.timeout + _SLACK)
        except ClientError as error:
            return dict.fromkeys([*switched, *unsure], f"could not be put back: {error}")
        return {
            each.instance: f"{each.outcome}, runs {each.digest or 'nothing'} {each.detail}".strip()
            for each in back
        }

    def _run(
        self, call: Call, wanted: HostInputs, action: str, instances: Sequence[str], limit: float
    ) -> list[HostVerdict]:
        access = self._configured.access
        began = time.monotonic()
        command = ssm.send(
            access,
            Command(
                document=wanted.document,
                document_hash=wanted.document_hash,
                instances=instances,
                parameters=wanted.parameters(action, access.region),
                comment=f"slipway {action} {wanted.service}",
            ),
        )

        def on_change(states: Mapping[str, str]) -> None:
            shown = ", ".join(f"{each} {state}" for each, state in states.items())
            call.status(f"{action}: {shown} ({time.monotonic() - began:.0f} s)")

        done: Mapping[str, Invocation] = ssm.wait(
            access,
            command,
            instances,
            deadline=began + limit,
            cancelled=call.cancelled,
            on_change=on_change,
        )
        return [verdict(done[each], wanted.service) for each in instances]
