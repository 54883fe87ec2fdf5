"""Switching a service of ECS to another task definition, judged by the digests that run."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NoReturn

from clients import ClientError, ecs, task_definitions
from clients.aws import AwsError
from clients.ecs import EcsService, revision
from provider.ecs_before import BeforeError, run_before
from provider.ecs_evidence import evidence
from provider.ecs_inputs import EcsInputs
from provider.ecs_judge import Judged, Look, digests, health
from provider.ecs_outputs import outputs_of
from provider.ecs_put_back import Former, former_of, is_settled, put_back
from provider.ecs_watch import Place, Watched, look_at, watch
from provider.index_children import AskedImage
from provider.policy import Done, RolloutError
from provider.resource import Call, Old
from provider.verdict import Outcome, Verdict

_MOST_BACK = 300.0  # seconds for putting back


class EcsRolloutError(RolloutError):
    """The service does not run what was asked; the message says what it runs, and why."""


@dataclass(frozen=True, kw_only=True)
class EcsSwitch:
    """One rollout on its way."""

    call: Call
    place: Place
    wanted: EcsInputs
    image: AskedImage
    old: Old | None

    def carry_out(self) -> Done:
        """Switch and judge, or put back and raise EcsRolloutError. One deadline for all of it."""
        began = time.monotonic()
        deadline = began + self.wanted.timeout
        service = ecs.service(self.place.access, self.place.cluster, self.place.ecs_service)
        if service is None:
            why = (
                f"there is no ECS service {self.wanted.ecs_service} in the cluster "
                f"{self.wanted.cluster}; `pulumi refresh` shows what is left"
            )
            raise self._error(Verdict(outcome="absent", why=why))
        former = former_of(service, self.wanted.task_definition, self.old)
        switches = self._switches(service)
        seconds = self._before(service, deadline) if switches else {}
        switched_at = time.monotonic()
        watched = self._switch(service, former, deadline, switches)
        now = time.monotonic()
        seconds |= {"switch": round(now - switched_at, 3), "total": round(now - began, 3)}
        outputs = {**outputs_of(watched.look, self.wanted, self.image), "seconds": seconds}
        return Done(outputs=outputs, put_back=self._undo(former) if switches else None)

    def _switches(self, service: EcsService) -> bool:
        same = service.task_definition == self.wanted.task_definition and is_settled(service)
        return not same or self.wanted.again or self._count(service) is not None

    def _count(self, service: EcsService) -> int | None:
        """The count to set; None keeps the service's own, which somebody may have changed."""
        before = self.old.inputs.get("count", 1) if self.old else None
        if service.desired == self.wanted.count:
            return None
        changed = before != self.wanted.count
        return self.wanted.count if changed or service.desired == 0 else None

    def _before(self, service: EcsService, deadline: float) -> dict[str, float]:
        same = service.task_definition == self.wanted.task_definition
        if self.wanted.before is None or (same and is_settled(service) and service.desired):
            return {}
        began = time.monotonic()
        try:
            run_before(self.call, self.place, self.wanted.before, service, deadline)
        except BeforeError as error:
            raise self._untouched(error.brief, error.lines) from None
        except AwsError as error:
            raise self._untouched(str(error)) from None
        return {"before": round(time.monotonic() - began, 3)}

    def _untouched(self, why: str, lines: Sequence[str] = ()) -> EcsRolloutError:
        """Nothing was switched: what ran still runs."""
        look = look_at(self.place)
        found = outputs_of(look, self.wanted, self.image)
        digest = str(found["deployed_digest"]) or None
        label = revision(look.service.task_definition) if look.service and digest else ""
        outcome: Outcome = "kept" if digest else "absent"
        verdict = Verdict(outcome=outcome, digest=digest, label=label, why=why)
        return self._error(verdict, lines, digests(look, self.image.repository))

    def _error(
        self, verdict: Verdict, lines: Sequence[str] = (), running: Mapping[str, str] | None = None
    ) -> EcsRolloutError:
        brief = (
            f"{self.wanted.service}: the rollout of {self.wanted.digest} failed\n{verdict.words}"
        )
        text = "\n".join([brief, *(f"    {line}" for line in lines)])
        return EcsRolloutError(text, brief, verdict=verdict, running=running)

    def _switch(
        self, service: EcsService, former: Former, deadline: float, switches: bool
    ) -> Watched:
        deployment = self._begin(service) if switches else None
        watched = Watched(look=Look(service=service), judged=Judged(state="lost"))
        try:
            watched = watch(
                self.call,
                self.place,
                self.wanted.task_definition,
                deadline=deadline,
                deployment=deployment,
                good=self._right,
            )
        except ClientError as error:
            self._fail(service, watched, former, str(error))
        if watched.judged.state != "steady":
            why = watched.judged.why
            waited = f"timed out after {self.wanted.timeout} s: " if watched.timed_out else ""
            self._fail(service, watched, former, waited + why)
        return watched

    def _begin(self, service: EcsService) -> str | None:
        same = service.task_definition == self.wanted.task_definition
        count = self._count(service)
        if same and count is None and not self.wanted.again:
            return None
        try:
            now = ecs.update(
                self.place.access,
                self.place.cluster,
                self.place.ecs_service,
                task_definition=self.wanted.task_definition,
                desired=count,
                # From 0 too: ECS's circuit breaker watches new deployments only.
                force=self.wanted.again or service.desired == 0,
            )
        except AwsError as error:
            if error.code:
                raise self._untouched(str(error)) from None
            # The answer was lost: whether it was taken is seen at the service.
            found = ecs.service(self.place.access, self.place.cluster, self.place.ecs_service)
            if found is None or found.task_definition != self.wanted.task_definition:
                raise
            now = found
        return now.primary.id if now.primary else None

    def _right(self, look: Look) -> Judged:
        """Steady with the asked digest, and healthy where that is checked.

        A deployment that only gets more tasks stays COMPLETED while those are starting.
        """
        for task, digest in digests(look, self.image.repository).items():
            if not digest:
                return Judged(state="moving", why=f"ECS does not say what task {task} pulled")
            if not self.image.is_(digest):
                why = f"task {task} runs {digest} instead of {self.wanted.digest}"
                return Judged(state="lost", why=why)
        starting = sum(health(task) == "UNKNOWN" for task in look.tasks)
        defined = task_definitions.containers(self.place.access, self.wanted.task_definition)
        if starting and any(each.checked for each in defined):
            return Judged(state="moving", why=f"{starting} tasks are not healthy yet")
        return Judged(state="steady")

    def _fail(self, before: EcsService, watched: Watched, former: Former, why: str) -> NoReturn:
        definition = self.wanted.task_definition
        lines = evidence(self.place, watched.look, definition, before.events)
        try:
            verdict = self._undo(former)(self.call)
        except ClientError as error:
            outcome: Outcome = "timed-out" if watched.timed_out else "unknown"
            seconds = self.wanted.timeout if watched.timed_out else 0
            verdict = Verdict(outcome=outcome, seconds=seconds, why=f"{why}; and {error}")
        else:
            verdict = replace(verdict, why="; ".join(filter(None, (why, verdict.why))))
        raise self._error(verdict, lines)

    def _undo(self, former: Former) -> Callable[[Call], Verdict]:
        limit = min(_MOST_BACK, float(self.wanted.timeout))
        repository = self.image.repository
        return lambda call: put_back(call, self.place, former, repository, limit)
