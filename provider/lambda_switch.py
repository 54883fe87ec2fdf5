"""Switching a function of Lambda: new code, a version, one call of it, and then the alias."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NoReturn

from clients import CancelledError, ClientError, lambda_
from clients.aws import AwsError
from clients.lambda_ import Alias, Function
from provider.index_children import AskedImage
from provider.lambda_inputs import LambdaInputs
from provider.lambda_outputs import outputs_of
from provider.lambda_put_back import Former, Place, former_of, put_back
from provider.lambda_smoke import StepError, smoke
from provider.policy import Done, RolloutError
from provider.resource import Call
from provider.verdict import Outcome, Verdict

_POLL = (0.3, 2.0)  # seconds: the first and the longest pause
_CHANGED = "PreconditionFailedException"
_BUSY = "ResourceConflictException"


class LambdaRolloutError(RolloutError):
    """The function does not run what was asked; the message says what it runs, and why."""


@dataclass(frozen=True, kw_only=True)
class LambdaSwitch:
    """One rollout on its way."""

    call: Call
    place: Place
    wanted: LambdaInputs
    image: AskedImage

    def carry_out(self) -> Done:
        """Switch and judge, or put back and raise LambdaRolloutError. One deadline for it all."""
        began = time.monotonic()
        latest, alias = self._first()
        former = former_of(self.place, latest, alias)
        seconds: dict[str, float] = {}
        try:
            version = self._published(began, seconds)
            smoked = time.monotonic()
            smoke(self.call, self.place, self.wanted, version, began + self.wanted.timeout)
            seconds["smoke"] = round(time.monotonic() - smoked, 3)
            lambda_.point(self.place.access, self.place.function, self.place.alias, version, alias)
            outputs = self._read_back(version)
        except ClientError as error:
            self._fail(former, error)
        seconds["total"] = round(time.monotonic() - began, 3)
        moved = former.version != version
        undo = (lambda call: put_back(call, self.place, former)) if moved else None
        return Done(outputs={**outputs, "seconds": seconds}, put_back=undo)

    def _first(self) -> tuple[Function, Alias | None]:
        latest = lambda_.function(self.place.access, self.place.function)
        if latest is None:
            why = (
                f"there is no function {self.place.function}; nothing was changed. `pulumi "
                "refresh` shows what is left"
            )
            raise self._error(Verdict(outcome="absent", why=why))
        return latest, lambda_.alias(self.place.access, self.place.function, self.place.alias)

    def _published(self, began: float, seconds: dict[str, float]) -> str:
        """The number of a version that has the asked image; $LATEST has it too, then."""
        deadline = began + self.wanted.timeout
        latest = self._with_image(deadline)
        seconds["update"] = round(time.monotonic() - began, 3)
        version = lambda_.publish(
            self.place.access,
            self.place.function,
            latest.code_sha256,
            f"slipway {self.image.tag}".strip(),
        )
        found = self._settled(version, deadline)
        if not self.image.is_(found.digest):
            raise StepError(
                f"version {version} is {found.digest} instead of {self.wanted.digest}: somebody "
                "else changed the function meanwhile; run this again"
            )
        seconds["publish"] = round(time.monotonic() - began - seconds["update"], 3)
        return version

    def _with_image(self, deadline: float) -> Function:
        """$LATEST with the asked image, once Lambda has settled it."""
        latest, asked = self._settled(None, deadline), False
        while not (self.image.is_(latest.digest) if asked else latest.digest == self.image.digest):
            if asked and latest.failed:
                raise StepError(f"Lambda could not take the image: {latest.reason}")
            if time.monotonic() > deadline:
                raise StepError(f"$LATEST still has {latest.digest}", timed_out=True)
            self.call.status(f"$LATEST gets {self.wanted.digest}")
            try:
                lambda_.update_code(
                    self.place.access, self.place.function, self.wanted.image_uri, latest.revision
                )
                asked = True
            except AwsError as error:
                # Something else changed it in between: the next look shows whether that matters.
                if error.code not in (_CHANGED, _BUSY):
                    raise
                self.call.cancelled.wait(_POLL[0])
            latest = self._settled(None, deadline)
        return latest

    def _settled(self, version: str | None, deadline: float) -> Function:
        pause, what = _POLL[0], f"version {version}" if version else "$LATEST"
        while True:
            found = lambda_.function(self.place.access, self.place.function, version)
            if found is None:
                raise StepError(f"{what} of {self.place.function} is not there any more")
            if not found.pending:
                break
            if self.call.cancelled.is_set():
                raise CancelledError(f"cancelled while {what} was {found.update}")
            if time.monotonic() > deadline:
                why = f"{what} is still {found.state}, {found.update}: {found.reason}"
                raise StepError(why.rstrip(": "), timed_out=True)
            self.call.status(f"{what} is {found.state}, {found.update}")
            self.call.cancelled.wait(min(pause, max(0.05, deadline - time.monotonic())))
            pause = min(_POLL[1], pause * 1.5)
        # A failed update of $LATEST may be an older one: only with our image it is ours.
        if found.failed and (version or found.digest == self.image.digest):
            raise StepError(f"{what} is {found.state}, {found.update}: {found.reason}")
        return found

    def _read_back(self, version: str) -> dict[str, object]:
        outputs = outputs_of(self.place, self.image)
        if outputs["function_version"] != version or not self.image.is_(
            str(outputs["deployed_digest"])
        ):
            raise StepError(
                f"{self.place.alias} runs version {outputs['function_version']} "
                f"({outputs['deployed_digest']}) instead of version {version}: somebody else "
                "moved it meanwhile; run this again"
            )
        return outputs

    def _fail(self, former: Former, error: ClientError) -> NoReturn:
        timed_out = isinstance(error, StepError) and error.timed_out
        waited = f"timed out after {self.wanted.timeout} s: " if timed_out else ""
        why = f"{waited}{error}"
        try:
            verdict = put_back(self.call, self.place, former)
        except ClientError as undone:
            outcome: Outcome = "timed-out" if timed_out else "unknown"
            limit = self.wanted.timeout if timed_out else 0
            verdict = Verdict(outcome=outcome, seconds=limit, why=f"{error}; and {undone}")
        else:
            verdict = replace(verdict, why="; ".join(filter(None, (why, verdict.why))))
        raise self._error(verdict, error.lines if isinstance(error, StepError) else ()) from None

    def _error(self, verdict: Verdict, lines: Sequence[str] = ()) -> LambdaRolloutError:
        head = f"{self.wanted.service}: the rollout of {self.wanted.digest} failed"
        brief = f"{head}\n{verdict.words}"
        text = "\n".join([brief, *(f"    {line}" for line in lines)])
        running = {self.place.alias: verdict.digest} if verdict.digest else {}
        return LambdaRolloutError(text, brief, verdict=verdict, running=running)
