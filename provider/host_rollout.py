"""`rollout:index:HostRollout`: switches hosts by an SSM document and judges what they run.

Delete does nothing: the container keeps running until its host ends, which the same destroy does
for a host of the stack, and a host that was only looked up is not this stack's to change.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from functools import partial

from clients import ClientError, ssm
from clients.ssm import Command, Invocation
from provider import host_inputs
from provider.asked import asked_of
from provider.configured import Configured
from provider.host_inputs import HostInputs
from provider.host_outcome import hosts_of, outputs_of, slowest, why_deployed
from provider.host_put_back import LOOK, SLACK, put_back
from provider.host_verdict import HostVerdict, brief, overall, report, verdict
from provider.policy import Done, RolloutError, Switched
from provider.put_back_since import PastUpdates
from provider.resource import Call, Diff, Old, Properties
from provider.rollout import carry_out, unknown_outputs
from provider.verdict import Verdict
from provider.wire import is_known

_ASKED = ("kind", "document", "document_hash", "image", "digest", "fingerprint")
_BOOT = 300.0  # seconds that a new host has to begin to listen


class HostRolloutError(RolloutError):
    """Not every host runs what was asked; those that had switched are back."""


class HostRolloutResource:
    """The methods of the resource type; see `provider.resource.Resource`."""

    def __init__(self, configured: Configured, switched: Switched | None = None) -> None:
        """`switched` is shared by all rollouts of the process, and with Together."""
        self._configured = configured
        self._switched = switched or Switched()
        self._past = PastUpdates(configured.deployment)

    def check(self, inputs: Properties) -> dict[str, str]:
        """What is wrong with the inputs."""
        return host_inputs.check(inputs)

    def diff(self, call: Call, old: Old, inputs: Properties) -> Diff:
        """By what runs and how, and by what a refresh or a record found; no host is asked."""
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
        if not changed and (why := self._past.undone(old)):
            call.info(f"{inputs['service']}: {why}; it will be deployed again")
            changed.append("deployed_digest")
        return Diff(changed=changed)

    def settle(
        self, call: Call, inputs: Properties, old: Old | None, preview: bool
    ) -> tuple[str, Properties]:
        """Switch all hosts, or put all back and raise HostRolloutError."""
        reason = why_deployed(old, inputs)
        if preview or not is_known(dict(inputs)):
            return "", unknown_outputs(inputs, reason)
        wanted = HostInputs.of(inputs)
        asked = asked_of("host", wanted, wanted.version, reason)
        outputs = carry_out(
            self._configured,
            self._switched,
            call,
            asked,
            lambda: self._switch(call, wanted, old),
        )
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
        verdicts = self._run(call, wanted, "status", asked, LOOK)
        return {**old.outputs, **outputs_of(wanted, verdicts)}

    def _switch(self, call: Call, wanted: HostInputs, old: Old | None) -> Done:
        before = old.inputs.get("instances", []) if old else []
        new = [each for each in wanted.instances if each not in before]
        self._wait_online(call, wanted, new)
        began = time.monotonic()
        verdicts = self._deploy(call, wanted, new)
        if not all(each.runs(wanted.digest) for each in verdicts):
            restored = put_back(partial(self._run, call, wanted), wanted, verdicts)
            raise HostRolloutError(
                report(wanted.service, wanted.digest, verdicts, restored.words),
                brief(wanted.service, wanted.digest, verdicts, restored.words),
                verdict=overall(wanted.digest, verdicts, restored.now),
                running={each.instance: each.digest or "" for each in restored.now},
            )
        outputs = outputs_of(wanted, verdicts)
        outputs["seconds"] = {**slowest(verdicts), "total": round(time.monotonic() - began, 3)}
        return Done(outputs=outputs, put_back=partial(self._undo, wanted, verdicts))

    def _undo(self, wanted: HostInputs, verdicts: Sequence[HostVerdict], call: Call) -> Verdict:
        """Put all hosts back though all had switched: another service of the stack failed."""
        restored = put_back(partial(self._run, call, wanted), wanted, verdicts)
        return overall(wanted.digest, (), restored.now)

    def _wait_online(self, call: Call, wanted: HostInputs, new: Sequence[str]) -> None:
        """Fail at once for a known host that is offline; give a new one time to boot."""
        deadline = time.monotonic() + _BOOT
        while silent := ssm.offline(self._configured.access, wanted.instances):
            if not set(silent) <= set(new) or time.monotonic() > deadline:
                hosts = "; ".join(f"{each}: {reason}" for each, reason in silent.items())
                raise HostRolloutError(
                    f"{wanted.service}: not every host is online, and nothing was changed: "
                    f"{hosts}. "
                    "Start the instance, see that its role allows Systems Manager, or take it out",
                    verdict=Verdict(outcome="kept", why=f"not every host is online: {hosts}"),
                )
            call.status(f"waits for {', '.join(silent)} to boot")
            if call.cancelled.wait(1.0):
                raise ClientError(f"{wanted.service}: cancelled while its host was booting")

    def _deploy(self, call: Call, wanted: HostInputs, new: Sequence[str]) -> list[HostVerdict]:
        call.status(f"deploying {wanted.version} to {len(wanted.instances)} hosts")
        # A new host listens before its install script has ended, and the document waits for that.
        limit = wanted.timeout + SLACK + (_BOOT if new else 0.0)
        return self._run(call, wanted, "deploy", wanted.instances, limit)

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
