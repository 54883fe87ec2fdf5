"""Switching a deployment: the task before, the new manifests, a wait, the digests that run."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NoReturn

from clients import ClientError
from provider.index_children import AskedImage
from provider.kubernetes_before import check_place, keep_scale
from provider.kubernetes_former import Former, former_of, put_back
from provider.kubernetes_inputs import KubernetesInputs
from provider.kubernetes_place import Place
from provider.kubernetes_wait import StepError, run_task, wait_ready
from provider.policy import Done, RolloutError
from provider.resource import Call, Old
from provider.verdict import Outcome, Verdict


class KubernetesRolloutError(RolloutError):
    """The cluster does not run what was asked; the message says what it runs, and why."""


@dataclass(frozen=True, kw_only=True)
class KubernetesSwitch:
    """One rollout on its way."""

    call: Call
    place: Place
    wanted: KubernetesInputs
    image: AskedImage
    old: Old | None
    secrets: Callable[[], None]
    """Writes what the pods need beside the manifests."""

    def carry_out(self) -> Done:
        """Switch and judge, or put back and raise KubernetesRolloutError. One deadline for all."""
        began = time.monotonic()
        deadline = began + self.wanted.timeout
        former = former_of(self.place, self.wanted, self.old)
        seconds: dict[str, float] = {}
        try:
            self._prepare(deadline)
            seconds["before"] = round(time.monotonic() - began, 3)
        except ClientError as error:
            # Nothing was switched yet.
            raise self._error(_kept(former, error), _lines(error)) from None
        try:
            keep_scale(self.place, self.wanted)
            for document in self.wanted.manifests:
                self.place.api.apply(self.wanted.owned(document))
            if not self.wanted.scheduled:
                wait_ready(self.call, self.place, deadline)
            outputs = self._read_back()
        except ClientError as error:
            self._fail(former, error)
        seconds["total"] = round(time.monotonic() - began, 3)
        for gone in self.place.prune(self.wanted):
            self.call.info(f"{self.wanted.service}: {gone} is read by no version any more: deleted")
        return Done(
            outputs={**outputs, "seconds": seconds},
            put_back=lambda call: put_back(call, self.place, former, self.wanted),
        )

    def _prepare(self, deadline: float) -> None:
        check_place(self.place, self.wanted, self.image, self.old)
        self.secrets()
        if self.wanted.before is None:
            return
        task = self.wanted.owned(self.wanted.before)
        name = f"{task['metadata']['name']}-{uuid.uuid4().hex[:8]}"
        task["metadata"] = {**task["metadata"], "name": name}
        # It may read the new version's variables.
        for document in self.wanted.manifests[:-1]:
            self.place.api.apply(self.wanted.owned(document))
        run_task(self.call, self.place, task, deadline)

    def _read_back(self) -> dict[str, Any]:
        if self.wanted.scheduled:
            return {
                "verdict": f"scheduled {self.wanted.digest}",
                "running": {},
                "deployed_digest": self.wanted.digest,
            }
        running = self.place.running()
        others = {
            pod: found
            for pod, (found, told) in running.items()
            if not self.image.holds(found, told)
        }
        if others or not running:
            told = ", ".join(f"{pod} runs {found}" for pod, found in others.items())
            raise StepError(f"the pods do not run {self.wanted.digest}: {told or 'there are none'}")
        return {
            "verdict": Verdict(outcome="running", digest=self.wanted.digest).words,
            "running": dict.fromkeys(running, self.wanted.digest),
            "deployed_digest": self.wanted.digest,
        }

    def _fail(self, former: Former, error: ClientError) -> NoReturn:
        timed_out = isinstance(error, StepError) and error.timed_out
        waited = f"timed out after {self.wanted.timeout} s: " if timed_out else ""
        try:
            verdict = put_back(self.call, self.place, former, self.wanted)
        except ClientError as undone:
            outcome: Outcome = "timed-out" if timed_out else "unknown"
            limit = self.wanted.timeout if timed_out else 0
            verdict = Verdict(outcome=outcome, seconds=limit, why=f"{error}; and {undone}")
        else:
            why = "; ".join(filter(None, (f"{waited}{error}", verdict.why)))
            verdict = replace(verdict, why=why)
        raise self._error(verdict, _lines(error)) from None

    def _error(self, verdict: Verdict, lines: Sequence[str]) -> KubernetesRolloutError:
        head = f"{self.wanted.service}: the rollout of {self.wanted.digest} failed"
        brief = f"{head}\n{verdict.words}"
        text = "\n".join([brief, *(f"    {line}" for line in lines)])
        running = {self.wanted.service: verdict.digest} if verdict.digest else {}
        return KubernetesRolloutError(text, brief, verdict=verdict, running=running)


def _lines(error: ClientError) -> Sequence[str]:
    return error.lines if isinstance(error, StepError) else ()


def _kept(former: Former, error: ClientError) -> Verdict:
    if former.digest is None:
        return Verdict(outcome="absent", why=str(error))
    return Verdict(outcome="kept", digest=former.digest, why=str(error))
