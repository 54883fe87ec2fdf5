"""How a deployment is another than the state says, by a dry run, which writes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from provider.kubernetes_inputs import KubernetesInputs
from provider.kubernetes_place import Place, asked_digest, image_of


def drift_of(place: Place, wanted: KubernetesInputs) -> str:
    """What applying the same again would change, in words; empty if nothing.

    Raises KubernetesError: a cluster that does not answer is no drift.
    """
    kind = str(wanted.workload["kind"])
    live = place.workload(kind)
    if live is None:
        return f"the {kind} is not there any more"
    if asked_digest(live) != wanted.digest:
        return f"it is told to run {image_of(live)} instead of {wanted.digest}"
    again = place.api.apply(wanted.owned(wanted.workload), dry_run=True)
    paths = list(_differences(live["spec"], again["spec"]))
    if paths:
        more = f" and {len(paths) - 3} more" if len(paths) > 3 else ""
        return f"somebody has changed {', '.join(paths[:3])}{more}"
    return ""


def _differences(found: Any, wanted: Any, path: str = "spec") -> Iterator[str]:
    if isinstance(found, dict) and isinstance(wanted, dict):
        for name in sorted({*found, *wanted}):
            yield from _differences(found.get(name), wanted.get(name), f"{path}.{name}")
    elif isinstance(found, list) and isinstance(wanted, list) and len(found) == len(wanted):
        for index, pair in enumerate(zip(found, wanted, strict=True)):
            yield from _differences(*pair, f"{path}[{index}]")
    elif found != wanted:
        told = isinstance(found, int | bool) and isinstance(wanted, int | bool)
        yield f"{path} ({wanted} became {found})" if told else path
