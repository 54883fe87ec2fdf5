"""Switching a service of a Docker engine: a trial beside the old container, then its place."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import NoReturn

from clients import ClientError
from clients.docker_container import Container
from provider.docker_inputs import DockerInputs
from provider.docker_outputs import outputs_of
from provider.docker_place import Place, put_back, running_verdict
from provider.docker_ports import refuse_taken
from provider.docker_trial import try_out
from provider.docker_wait import DockerStepError, await_healthy
from provider.policy import Done, RolloutError
from provider.resource import Call
from provider.verdict import Outcome, Verdict


class DockerRolloutError(RolloutError):
    """The engine does not run what was asked; the message says what it runs, and why."""


@dataclass(frozen=True, kw_only=True)
class DockerSwitch:
    """One rollout on its way."""

    call: Call
    place: Place
    wanted: DockerInputs
    seconds: dict[str, float] = field(default_factory=dict)
    """How long each step took."""

    def carry_out(self) -> Done:
        """Switch and judge, or put back and raise DockerRolloutError.

        Each of the two starts has `timeout` seconds to become healthy.
        """
        began = time.monotonic()
        asked = self._asked()
        running = self.place.engine.running()
        before = self.place.taken_by(running, asked)
        moved = bool(before) or not asked.running
        self._try(asked, running, before)
        switched = time.monotonic()
        try:
            outputs = self._switch(asked, before)
        except ClientError as error:
            self._fail(asked, before, error)
        self.seconds["switch"] = round(time.monotonic() - switched, 3)
        self.seconds["total"] = round(time.monotonic() - began, 3)
        undo = (lambda call: put_back(call, self.place, asked, before)) if moved else None
        return Done(outputs={**outputs, "seconds": self.seconds}, put_back=undo)

    def _asked(self) -> Container:
        found = self.place.engine.find(self.wanted.container)
        if found is None:
            why = (
                f"there is no container {self.wanted.container[:12]}; nothing was changed. "
                "`pulumi up --refresh` makes it anew"
            )
            raise self._error(Verdict(outcome="absent", why=why))
        return found

    def _try(
        self, asked: Container, running: Sequence[Container], before: Sequence[Container]
    ) -> None:
        """Nothing that runs is touched here. Without it there is nothing to save by a trial."""
        began = time.monotonic()
        try:
            refuse_taken(asked, running, before, self.wanted.host)
            if before:
                try_out(self.call, self.place.engine, asked, self.wanted.timeout)
                self.seconds["trial"] = round(time.monotonic() - began, 3)
        except ClientError as error:
            verdict = running_verdict(self.place, before)
            why = "; ".join(filter(None, (self._why(error), verdict.why)))
            raise self._error(replace(verdict, why=why), _lines(error)) from None

    def _switch(self, asked: Container, before: Sequence[Container]) -> dict[str, object]:
        engine = self.place.engine
        for each in before:
            self.call.status(f"ends {each.name}")
            engine.stop(each.id, self.place.drain)
        engine.start(asked.id)
        found = await_healthy(self.call, engine, asked.id, self.wanted.timeout)
        outputs = outputs_of(self.place, found)
        if outputs["deployed_digest"] != self.wanted.digest:
            raise DockerStepError(
                f"{found.name} runs {outputs['deployed_digest'] or 'an image without a digest'} "
                f"instead of {self.wanted.digest}"
            )
        for each in before:
            if each.owner != self.wanted.owner:
                self.call.info(f"{each.name} was not ours: it is stopped, not removed")
        return outputs

    def _fail(self, asked: Container, before: Sequence[Container], error: ClientError) -> NoReturn:
        timed_out = isinstance(error, DockerStepError) and error.timed_out
        try:
            verdict = put_back(self.call, self.place, asked, before)
        except ClientError as undone:
            outcome: Outcome = "timed-out" if timed_out else "unknown"
            limit = self.wanted.timeout if timed_out else 0
            verdict = Verdict(outcome=outcome, seconds=limit, why=f"{error}; and {undone}")
        else:
            why = "; ".join(filter(None, (self._why(error), verdict.why)))
            verdict = replace(verdict, why=why)
        raise self._error(verdict, _lines(error)) from None

    def _why(self, error: ClientError) -> str:
        timed_out = isinstance(error, DockerStepError) and error.timed_out
        return f"timed out after {self.wanted.timeout} s: {error}" if timed_out else str(error)

    def _error(self, verdict: Verdict, lines: Sequence[str] = ()) -> DockerRolloutError:
        head = f"{self.wanted.service}: the rollout of {self.wanted.digest} failed"
        brief = f"{head}\n{verdict.words}"
        text = "\n".join([brief, *(f"    {line}" for line in lines)])
        running = {verdict.label: verdict.digest} if verdict.digest and verdict.label else {}
        return DockerRolloutError(text, brief, verdict=verdict, running=running)


def _lines(error: ClientError) -> Sequence[str]:
    return error.lines if isinstance(error, DockerStepError) else ()
