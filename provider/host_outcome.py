"""What a rollout on hosts gives back: its outputs, why it was done, and its entry in the record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from provider.host_inputs import HostInputs
from provider.host_verdict import HostVerdict
from provider.resource import Old, Properties
from provider.wire import UNKNOWN, is_known
from release.record_text import plain

if TYPE_CHECKING:
    from release.record import ServiceEntry

_SETTINGS = ("kind", "fingerprint")
_DOCUMENT = ("document", "document_hash")


def unknown_outputs(inputs: Properties, old: Old | None) -> dict[str, Any]:
    """What a preview knows."""
    return {
        "verdict": UNKNOWN,
        "running": UNKNOWN,
        "deployed_digest": inputs["digest"],
        "seconds": UNKNOWN,
        "reason": why_deployed(old, inputs),
        "deployment": UNKNOWN,
    }


def outputs_of(wanted: HostInputs, verdicts: Sequence[HostVerdict]) -> dict[str, Any]:
    """What runs, in words and by host."""
    running = {each.instance: each.digest or "" for each in verdicts}
    other = [digest for digest in running.values() if digest != wanted.digest]
    deployed = other[0] if other else wanted.digest
    word = "completed" if wanted.kind == "job" else "running"
    return {
        "verdict": f"{word} {deployed}" if deployed else "absent",
        "running": running,
        "deployed_digest": deployed,
    }


def slowest(verdicts: Sequence[HostVerdict]) -> dict[str, float]:
    """How long each step took on the slowest host."""
    steps = {step for each in verdicts for step in each.seconds}
    return {step: max(each.seconds.get(step, 0.0) for each in verdicts) for step in sorted(steps)}


def hosts_of(inputs: Properties) -> object:
    """The hosts, sorted, or the unknown value."""
    instances = inputs.get("instances")
    return sorted(instances) if isinstance(instances, list) else instances


def why_deployed(old: Old | None, inputs: Properties) -> str:
    """Why a service is deployed, for a person: what is another than before."""
    if old is None:
        return "it was not deployed before"
    before, reasons = old.inputs, list[str]()
    if before.get("digest") != inputs.get("digest"):
        reasons.append(f"{_short(before.get('digest'))} becomes {_short(inputs.get('digest'))}")
    elif before.get("image") != inputs.get("image"):
        reasons.append("its image has another name")
    if _differ(before, inputs, _SETTINGS):
        reasons.append("its settings changed")
    if _differ(before, inputs, _DOCUMENT):
        reasons.append("the deploy document changed")
    if hosts_of(before) != hosts_of(inputs):
        reasons.append("it runs on other hosts")
    found = old.outputs.get("deployed_digest")
    if found != before.get("digest"):
        reasons.append(f"it ran {_short(found)} instead")
    return ", ".join(reasons) or "it was asked for again"


def entry_of(wanted: HostInputs, outputs: Mapping[str, Any]) -> ServiceEntry:
    """The service in the record of this update."""
    from release.record import ServiceEntry

    return ServiceEntry(
        target="host",
        image=wanted.image,
        digest=outputs["deployed_digest"],
        version=plain(wanted.version),
        reason=plain(outputs["reason"]),
        verdict=plain(outputs["verdict"]),
        seconds=outputs["seconds"],
        deployment=outputs["deployment"],
    )


def _differ(before: Properties, now: Properties, names: Sequence[str]) -> bool:
    return any(before.get(name) != now.get(name) for name in names)


def _short(digest: object) -> str:
    if not digest:
        return "nothing"
    return str(digest)[:19] if is_known(digest) else "a digest that is yet to be made"
