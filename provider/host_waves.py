"""A fleet switches wave by wave: a wave with too many failures is the last one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from clients import ClientError
from clients.ssm import MOST_INSTANCES
from provider.host_inputs import HostInputs
from provider.host_put_back import LOOK, Restored, Run, ask_unsure, put_back
from provider.host_verdict import HostVerdict
from release.waves import share, waves

WAITING = "its wave was not begun"


@dataclass(frozen=True, kw_only=True)
class Waved:
    """How far a fleet came."""

    verdicts: list[HostVerdict]
    """Of the hosts whose wave was begun."""
    waiting: tuple[str, ...]
    """Those whose wave was not."""
    wave: int
    """The last wave that was begun, from 1."""
    of: int
    """How many there were to be."""
    failed: int
    """Hosts that don't run what was asked."""
    errors: int
    """How many of them may."""

    @property
    def stopped(self) -> bool:
        """Whether more hosts failed than may."""
        return self.failed > self.errors

    @property
    def words(self) -> str:
        """In words, for the report; nothing where all was one wave."""
        if self.of == 1 and not self.errors:
            return ""
        rest = f", and {len(self.waiting)} hosts were not begun" if self.waiting else ""
        return f" in wave {self.wave} of {self.of}: {self.failed} failed, {self.errors} may{rest}"


def deploy_in_waves(
    run: Callable[[Sequence[str]], list[HostVerdict]], wanted: HostInputs, hosts: Sequence[str]
) -> Waved:
    """Deploys to the hosts in their order; each wave waits for the verdicts of the one before.

    A host counts as failed if it does not say that it runs what was asked: so one that was not
    reached does too, which AWS's own MaxErrors leaves out.
    """
    planned = waves(hosts, wanted.concurrency, MOST_INSTANCES)
    errors = share(wanted.errors, len(hosts))
    verdicts: list[HostVerdict] = []
    begun: list[list[str]] = []
    failed = 0
    for wave in planned:
        begun.append(wave)
        verdicts += run(wave)
        failed = sum(not each.runs(wanted.digest) for each in verdicts)
        if failed > errors:
            break
    return Waved(
        verdicts=verdicts,
        waiting=tuple(hosts[len(verdicts) :]),
        wave=len(begun),
        of=len(planned),
        failed=failed,
        errors=errors,
    )


def settle_failure(run: Run, wanted: HostInputs, waved: Waved, *, hold: bool) -> Restored:
    """Puts back or holds the hosts that had switched, and asks those that were not begun."""
    if hold or not waved.stopped:
        restored = _hold(run, wanted, waved.verdicts)
    else:
        restored = put_back(run, wanted, waved.verdicts)
    return replace(restored, now=[*restored.now, *_look(run, wanted, waved.waiting)])


def _hold(run: Run, wanted: HostInputs, verdicts: Sequence[HostVerdict]) -> Restored:
    answers, words = ask_unsure(run, wanted, verdicts)
    now = {each.instance: each for each in verdicts} | answers
    words |= {
        each.instance: f"keeps {each.digest}" for each in verdicts if each.runs(wanted.digest)
    }
    return Restored(words=words, now=list(now.values()))


def _look(run: Run, wanted: HostInputs, waiting: Sequence[str]) -> list[HostVerdict]:
    """What the hosts run that were not begun."""
    if not waiting:
        return []
    try:
        found = run("status", waiting, LOOK)
    except ClientError as error:
        why = f"{WAITING}, and it can't be asked: {error}"
        return [
            HostVerdict(instance=each, outcome="no-answer", digest=None, version=None, detail=why)
            for each in waiting
        ]
    return [
        each
        if each.outcome in ("no-answer", "timed-out")
        else replace(each, outcome="waiting", detail=WAITING, lines=())
        for each in found
    ]
