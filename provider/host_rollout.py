"""`rollout:index:HostRollout`: switches hosts by an SSM document and judges what they run.

Delete does nothing: the container keeps running until its host ends, which the same destroy does
for a host of the stack, and a host that was only looked up is not this stack's to change.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial

from clients import ssm_fleet
from provider import host_inputs
from provider.asked import asked_of
from provider.configured import Configured
from provider.host_current import CurrentOfHosts
from provider.host_inputs import HostInputs
from provider.host_outcome import hosts_of, outputs_of, slowest, why_deployed
from provider.host_put_back import LOOK, SLACK, put_back
from provider.host_ready import BOOT, HostRolloutError, refuse_outdated, wait_online
from provider.host_run import HostRun
from provider.host_verdict import HostVerdict, brief, overall, report
from provider.host_waves import Waved, deploy_in_waves, settle_failure
from provider.policy import Done, Switched
from provider.put_back_since import PastUpdates
from provider.resource import Call, Diff, Old, Properties
from provider.rollout import carry_out, unknown_outputs
from provider.verdict import Verdict
from provider.wire import is_known

_ASKED = ("kind", "document", "document_hash", "image", "digest", "fingerprint", "manifests")


__all__ = ["HostRolloutError", "HostRolloutResource"]


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
        if not changed and (drift := old.outputs.get("drift")):
            call.info(f"{inputs['service']}: {drift}; it will be deployed again")
            changed.append("drift")
        if not changed and (why := self._past.undone(old)):
            call.info(f"{inputs['service']}: {why}; it will be deployed again")
            changed.append("deployed_digest")
        return Diff(changed=changed)

    def settle(
        self, call: Call, inputs: Properties, old: Old | None, preview: bool
    ) -> tuple[str, Properties]:
        """Switch all hosts wave by wave, or put back (or hold) and raise HostRolloutError."""
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
            lambda: self._switch(call, wanted, old, self._only_hosts(old, inputs)),
        )
        return wanted.service, outputs

    def read(self, call: Call, old: Old) -> Properties | None:
        """What really runs, asked from every host that listens."""
        wanted = HostInputs.of(old.inputs)
        silent = ssm_fleet.offline(self._configured.access, wanted.instances)
        for instance, reason in silent.items():
            call.info(f"{wanted.service}: {instance} can't be asked what it runs: {reason}")
        asked = [each for each in wanted.instances if each not in silent]
        if not asked:
            return old.outputs
        verdicts = self._running(call, wanted)("status", asked, LOOK)
        return {**old.outputs, **outputs_of(wanted, verdicts)}

    def _only_hosts(self, old: Old | None, inputs: Properties) -> bool:
        """Whether nothing is to be done but for hosts that joined or left."""
        return (
            old is not None
            and not inputs.get("again")
            and all(old.inputs.get(name) == inputs.get(name) for name in _ASKED)
            and old.outputs.get("deployed_digest") == inputs.get("digest")
            and not old.outputs.get("drift")
            and not self._past.undone(old)
        )

    def _switch(self, call: Call, wanted: HostInputs, old: Old | None, only_hosts: bool) -> Done:
        before = old.inputs.get("instances", []) if old else []
        new = [each for each in wanted.instances if each not in before]
        refuse_outdated(self._configured.access, wanted)
        wait_online(self._configured.access, call, wanted, new)
        current = self._current(wanted)
        began, run = time.monotonic(), self._running(call, wanted)
        # Those that serve come first: a new one has nothing to lose, and may boot meanwhile.
        hosts = [*sorted(set(wanted.instances) - set(new)), *sorted(new)]
        right = current.already(run("status", hosts, LOOK), new) if only_hosts else []
        hosts = [each for each in hosts if each not in {one.instance for one in right}]
        waved = deploy_in_waves(partial(self._deploy, call, run, wanted, new), wanted, hosts)
        if not waved.stopped:
            current.move()
        if waved.failed:
            raise self._failure(run, wanted, waved, right, hold=only_hosts)
        verdicts = [*right, *waved.verdicts]
        outputs = outputs_of(wanted, verdicts)
        outputs["seconds"] = {**slowest(verdicts), "total": round(time.monotonic() - began, 3)}
        undo = None if only_hosts else partial(self._undo, wanted, verdicts, current)
        return Done(outputs=outputs, put_back=undo)

    def _failure(
        self,
        run: HostRun,
        wanted: HostInputs,
        waved: Waved,
        right: Sequence[HostVerdict],
        *,
        hold: bool,
    ) -> HostRolloutError:
        restored = settle_failure(run, wanted, waved, hold=hold or wanted.on_failure == "hold")
        headline = f"{wanted.service}: the rollout of {wanted.digest} failed{waved.words}"
        begun = {each.instance for each in waved.verdicts}
        told = [
            *waved.verdicts,
            *(each for each in restored.now if each.instance not in begun),
            *right,
        ]
        words = {**restored.words, **{each.instance: f"runs {each.digest}" for each in right}}
        now = [*restored.now, *right]
        return HostRolloutError(
            report(headline, wanted.digest, told, words),
            brief(headline, wanted.digest, told, words),
            verdict=overall(wanted.digest, waved.verdicts, now),
            running={each.instance: each.digest or "" for each in now},
        )

    def _undo(
        self,
        wanted: HostInputs,
        verdicts: Sequence[HostVerdict],
        current: CurrentOfHosts,
        call: Call,
    ) -> Verdict:
        """Put all hosts back though all had switched: another service of the stack failed."""
        current.move_back()
        restored = put_back(self._running(call, wanted), wanted, verdicts)
        return overall(wanted.digest, (), restored.now)

    def _deploy(
        self,
        call: Call,
        run: HostRun,
        wanted: HostInputs,
        new: Sequence[str],
        wave: Sequence[str],
    ) -> list[HostVerdict]:
        call.status(f"deploying {wanted.version} to {', '.join(wave)}")
        # A new host listens before its install script has ended, and the document waits for that.
        boot = BOOT if set(wave) & set(new) else 0.0
        return run("deploy", wave, wanted.timeout + SLACK + boot)

    def _current(self, wanted: HostInputs) -> CurrentOfHosts:
        return CurrentOfHosts(self._configured.deployment, self._configured.access.region, wanted)

    def _running(self, call: Call, wanted: HostInputs) -> HostRun:
        return HostRun(self._configured.access, call, wanted, self._configured.deployment.who)
