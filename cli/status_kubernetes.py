"""What a cluster runs of a service."""

from __future__ import annotations

from collections.abc import Sequence

from cli.kubernetes_access import cluster_of_stack, refuse_from_afar
from cli.stack import OpenStack
from clients.kubernetes import Document
from infra.places import KubernetesPlace
from release.record_text import plain
from release.status import Seen


def look_at_pods(opened: OpenStack, place: KubernetesPlace, wanted: str | None) -> list[Seen]:
    """What the pods of a service run, or a cron job will. `wanted` is the record's digest.

    Raises ClientError.
    """
    refuse_from_afar(place, f"get {place.resource}")
    api = cluster_of_stack(opened)
    where = f"{place.namespace}/{place.name}"
    workload = api.get(place.kind, place.namespace, place.name)
    if workload is None:
        why = f"the namespace {place.namespace} has no such {place.kind}"
        return [_seen(place, where, "absent", why)]
    if place.kind == "CronJob":
        return [_scheduled(place, where, workload)]
    pods = [
        each
        for each in api.listed("Pod", place.namespace, place.labels)
        if not each["metadata"].get("deletionTimestamp")
    ]
    digests = [each for pod in pods for each in (_digest(pod),) if each]
    digests.append(_asked(workload["spec"]["template"]))
    other = [each for each in digests if each != wanted]
    ready, asked = _count(workload, "readyReplicas"), int(workload["spec"].get("replicas", 1))
    return [
        Seen(
            service=place.name,
            target="microk8s",
            where=where,
            state="running" if ready else "stopped",
            well=not (why := _why(pods, ready, asked)),
            why=why,
            digest=other[0] if other else digests[0],
            since=max((str(each["status"].get("startTime") or "") for each in pods), default=""),
            health="healthy" if ready == asked else "unhealthy",
            facts={"pods": f"{ready}/{asked}", "restarts": str(sum(map(_restarts, pods)))},
        )
    ]


def _scheduled(place: KubernetesPlace, where: str, workload: Document) -> Seen:
    spec = workload["spec"]
    last = str((workload.get("status") or {}).get("lastScheduleTime") or "-")
    return Seen(
        service=place.name,
        target="microk8s",
        where=where,
        state="scheduled",
        well=not spec.get("suspend"),
        why="it is suspended" if spec.get("suspend") else "",
        digest=_asked(spec["jobTemplate"]["spec"]["template"]) or None,
        facts={"schedule": plain(spec["schedule"]), "last run": last},
    )


def _digest(pod: Document) -> str:
    """What a pod runs; empty if its container has not started.

    By the digest that was asked for: the runtime may know the same content by another.
    """
    states = (pod.get("status") or {}).get("containerStatuses") or []
    if not any(each.get("imageID") for each in states):
        return ""
    return _asked(pod) or str(states[0]["imageID"]).rpartition("@")[2]


def _asked(template: Document) -> str:
    return str(template["spec"]["containers"][0]["image"]).partition("@")[2]


def _count(workload: Document, name: str) -> int:
    return int((workload.get("status") or {}).get(name) or 0)


def _restarts(pod: Document) -> int:
    states = (pod.get("status") or {}).get("containerStatuses") or []
    return sum(int(each.get("restartCount") or 0) for each in states)


def _why(pods: Sequence[Document], ready: int, asked: int) -> str:
    if asked == 0:
        return "no pod is wanted"
    if ready >= asked:
        return ""
    reasons = {
        str(state["reason"])
        for pod in pods
        for each in (pod.get("status") or {}).get("containerStatuses") or []
        for state in (each.get("state") or {}).values()
        if state.get("reason")
    }
    told = f": {', '.join(sorted(reasons))}" if reasons else ""
    return f"{ready} of {asked} pods are ready{told}"


def _seen(place: KubernetesPlace, where: str, state: str, why: str) -> Seen:
    return Seen(
        service=place.name, target="microk8s", where=where, state=state, well=False, why=why
    )
