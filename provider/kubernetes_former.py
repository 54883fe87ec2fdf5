"""What a cluster ran before a rollout, and how it gets that back."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, replace
from typing import Any

from clients import ClientError
from clients.kubernetes import Document
from provider.kubernetes_inputs import KubernetesInputs
from provider.kubernetes_place import Place, asked_digest
from provider.kubernetes_wait import wait_ready
from provider.resource import Call, Old
from provider.verdict import Verdict

_LIMIT = 120.0  # seconds for putting back


@dataclass(frozen=True, kw_only=True)
class Former:
    """What was there before."""

    manifests: tuple[Document, ...]
    """What to apply again; empty if nothing ran."""
    digest: str | None
    """What the workload was asked to run."""


def former_of(place: Place, wanted: KubernetesInputs, old: Old | None) -> Former:
    """The manifests of the last update that succeeded; without one, what the cluster has now.

    `rollout undo` would not do: it leaves another owner of the fields behind, which the next apply
    would have to fight with. Raises KubernetesError.
    """
    live = place.workload(str(wanted.workload["kind"]))
    if live is None:
        return Former(manifests=(), digest=None)
    digest = asked_digest(live) or None
    if old is not None:
        before = KubernetesInputs.of(old.inputs)
        same = before.namespace == wanted.namespace and before.service == wanted.service
        if same and before.workload["kind"] == wanted.workload["kind"]:
            manifests = tuple(before.owned(each) for each in before.manifests)
            return Former(manifests=manifests, digest=asked_digest(before.workload) or digest)
    return Former(manifests=(_cleaned(live),), digest=digest)


def put_back(call: Call, place: Place, former: Former, wanted: KubernetesInputs) -> Verdict:
    """Applies what was there before and waits for it; deletes what was not. Not to be cancelled.

    Raises ClientError where it could not be put back.
    """
    kind = str(wanted.workload["kind"])
    if not former.manifests:
        call.info(f"{place.service}: nothing ran before: its {kind} is deleted again")
        place.api.delete(kind, place.namespace, place.service)
        return Verdict(outcome="absent", why="nothing ran before")
    call.info(f"{place.service}: goes back to {former.digest}")
    for document in former.manifests:
        place.api.apply(document)
    if kind == "Deployment":
        try:
            wait_ready(replace(call, cancelled=threading.Event()), place, time.monotonic() + _LIMIT)
        except ClientError as error:
            raise ClientError(f"the version before does not get ready either: {error}") from None
    return Verdict(outcome="put-back", digest=former.digest)


def _cleaned(live: Document) -> Document:
    metadata = live["metadata"]
    kept: dict[str, Any] = {name: metadata[name] for name in ("name", "namespace", "labels")}
    if owners := metadata.get("ownerReferences"):
        kept["ownerReferences"] = owners
    return {
        "apiVersion": live["apiVersion"],
        "kind": live["kind"],
        "metadata": kept,
        "spec": live["spec"],
    }
