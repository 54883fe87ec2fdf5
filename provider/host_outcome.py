"""What a rollout on hosts gives back: its outputs, and why it was done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from provider import rollout
from provider.host_inputs import HostInputs
from provider.host_verdict import HostVerdict
from provider.resource import Old, Properties
from provider.verdict import Verdict

_REASONS = {
    "its settings changed": ("kind", "fingerprint"),
    "the deploy document changed": ("document", "document_hash"),
    "it runs on other hosts": ("instances",),
}


def outputs_of(wanted: HostInputs, verdicts: Sequence[HostVerdict]) -> dict[str, Any]:
    """What runs, in words and by host."""
    running = {each.instance: each.digest or "" for each in verdicts}
    other = [digest for digest in running.values() if digest != wanted.digest]
    deployed = other[0] if other else wanted.digest
    verdict = Verdict(
        outcome=("completed" if wanted.kind == "job" else "running") if deployed else "absent",
        digest=deployed or None,
    )
    outputs: dict[str, Any] = {
        "verdict": verdict.words,
        "running": running,
        "deployed_digest": deployed,
    }
    if wanted.kind == "kubernetes":
        changed = [each for each in verdicts if each.outcome == "changed"]
        outputs["drift"] = "; ".join(f"{each.instance}: {each.detail}" for each in changed)
    return outputs


def slowest(verdicts: Sequence[HostVerdict]) -> dict[str, float]:
    """How long each step took on the slowest host."""
    steps = {step for each in verdicts for step in each.seconds}
    return {step: max(each.seconds.get(step, 0.0) for each in verdicts) for step in sorted(steps)}


def hosts_of(inputs: Properties) -> object:
    """The hosts, sorted, or the unknown value."""
    instances = inputs.get("instances")
    return sorted(instances) if isinstance(instances, list) else instances


def why_deployed(old: Old | None, inputs: Properties) -> str:
    """Why a service is deployed, for a person; the order of hosts is none."""
    before = replace(old, inputs={**old.inputs, "instances": hosts_of(old.inputs)}) if old else None
    return rollout.why_deployed(before, {**inputs, "instances": hosts_of(inputs)}, _REASONS)
