"""Hosts that had switched get back what they ran before."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from clients import ClientError
from provider.host_inputs import HostInputs
from provider.host_verdict import HostVerdict, judged

# Runs an action on hosts, within a time limit in seconds; what each host made of it.
Run = Callable[[str, Sequence[str], float], list[HostVerdict]]
SLACK = 45.0  # seconds beyond the host's own limit: delivery, and putting back
LOOK = 60.0  # seconds for reading back


@dataclass(frozen=True, kw_only=True)
class Restored:
    """What came of putting hosts back."""

    words: Mapping[str, str]
    """By host that was put back: what it runs now."""
    now: Sequence[HostVerdict]
    """What is known of every host now."""


def put_back(run: Run, wanted: HostInputs, verdicts: Sequence[HostVerdict]) -> Restored:
    """Put hosts back that had switched, so that the service is one version everywhere.

    A host that gave no answer is asked first what it runs. Nothing is raised: a host that could
    not be put back says why.
    """
    now = {each.instance: each for each in verdicts}
    answers, words = ask_unsure(run, wanted, verdicts)
    now |= answers
    switched = [
        each.instance
        for each in now.values()
        if each.outcome == "running"
        and (
            each.instance not in answers
            or (each.runs(wanted.digest) and each.version == wanted.version)
        )
    ]
    try:
        back = run("restore", switched, wanted.timeout + SLACK) if switched else []
    except ClientError as error:
        lost = dict.fromkeys(switched, f"could not be put back: {error}")
        for instance, why in lost.items():
            now[instance] = replace(now[instance], outcome="no-answer", digest=None, detail=why)
        return Restored(words={**words, **lost}, now=list(now.values()))
    now |= {each.instance: each for each in back}
    words |= {each.instance: judged(each, wanted.digest).words for each in back}
    return Restored(words=words, now=list(now.values()))


def ask_unsure(
    run: Run, wanted: HostInputs, verdicts: Sequence[HostVerdict]
) -> tuple[dict[str, HostVerdict], dict[str, str]]:
    """What the hosts run that gave no answer: by host its verdict, and words for the report.

    Nothing is raised: a host that can't be asked has its old verdict, and words that say why.
    """
    unsure = [each.instance for each in verdicts if each.outcome in ("timed-out", "no-answer")]
    if not unsure:
        return {}, {}
    try:
        answers = run("status", unsure, LOOK)
    except ClientError as error:
        return {}, dict.fromkeys(unsure, f"could not be asked: {error}")
    known = {each.instance: each for each in answers}
    return known, {each: _now(said) for each, said in known.items()}


def _now(said: HostVerdict) -> str:
    if said.outcome in ("timed-out", "no-answer"):
        return f"gives no answer: {said.detail}"
    return f"runs {said.digest}" if said.digest else f"runs nothing: {said.detail or said.outcome}"
