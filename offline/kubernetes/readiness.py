"""Whether an object has become what it should, by the rules of the official plugin.

https://www.pulumi.com/registry/packages/kubernetes/ ("await logic"). Kinds that it does not wait
for are ready at once. One thing is simpler: it lets endpoints settle for 10 s, this doesn't.
"""

from collections.abc import Mapping

from .judgement import READY, Judge, Look, Object, Readiness, status_of
from .readiness_network import ingress, service


def readiness(live: Object, look: Look) -> Readiness:
    """Of any object."""
    group = str(live["apiVersion"]).rpartition("/")[0]
    judge = _JUDGES.get((group, str(live["kind"])))
    if judge is None:
        return READY
    generation = live["metadata"].get("generation")
    seen = status_of(live).get("observedGeneration")
    if seen is not None and generation is not None and seen < generation:
        return Readiness(done=False, words="the cluster has not seen it yet")
    return judge(live, look)


def _deployment(live: Object, look: Look) -> Readiness:
    status, wanted = status_of(live), _replicas(live)
    for each in status.get("conditions") or []:
        if each["type"] == "Progressing" and each.get("reason") == "ProgressDeadlineExceeded":
            words = f"{_counted(status, wanted)}; {each.get('message')}{_refusals(status)}"
            return Readiness(done=False, failed=True, words=words)
    updated, present = int(status.get("updatedReplicas") or 0), int(status.get("replicas") or 0)
    available = int(status.get("availableReplicas") or 0)
    done = "observedGeneration" in status and updated == present == available == wanted
    return Readiness(done=done, words=_counted(status, wanted) + _refusals(status))


def _stateful_set(live: Object, look: Look) -> Readiness:
    status, wanted = status_of(live), _replicas(live)
    done = (
        "observedGeneration" in status
        and int(status.get("readyReplicas") or 0) == wanted
        and (not wanted or status.get("currentRevision") == status.get("updateRevision"))
    )
    return Readiness(done=done, words=_counted(status, wanted))


def _daemon_set(live: Object, look: Look) -> Readiness:
    status = status_of(live)
    wanted = int(status.get("desiredNumberScheduled") or 0)
    updated = int(status.get("updatedNumberScheduled") or 0)
    available = int(status.get("numberAvailable") or 0)
    done = "observedGeneration" in status and updated == available == wanted
    return Readiness(done=done, words=f"{available} of {wanted} pods available")


def _job(live: Object, look: Look) -> Readiness:
    for each in status_of(live).get("conditions") or []:
        if each["type"] == "Complete" and each["status"] == "True":
            return READY
        if each["type"] == "Failed" and each["status"] == "True":
            words = f"{each.get('reason')}: {each.get('message')}"
            return Readiness(done=False, failed=True, words=words)
    if live["spec"].get("suspend"):
        return READY
    return Readiness(done=False, words="it has not completed")


def _pod(live: Object, look: Look) -> Readiness:
    status = status_of(live)
    conditions = status.get("conditions") or []
    ready = any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)
    ended = status.get("phase") == "Succeeded"
    failed = status.get("phase") == "Failed"
    words = f"its phase is {status.get('phase')}: {waiting(live) or status.get('message') or ''}"
    return Readiness(done=ready or ended, failed=failed, words=words)


def _claim(live: Object, look: Look) -> Readiness:
    phase = status_of(live).get("phase")
    if phase == "Bound":
        return READY
    name = live["spec"].get("storageClassName")
    found = look.get("storage.k8s.io/v1", "StorageClass", name) if name else None
    later = bool(found and found.get("volumeBindingMode") == "WaitForFirstConsumer")
    return Readiness(done=later, words=f"its phase is {phase}: no volume is bound to it")


def waiting(pod: Object) -> str:
    """What the containers of a pod wait for or ended with; empty if they all run."""
    status = status_of(pod)
    told = []
    for each in status.get("containerStatuses") or []:
        state = each.get("state") or {}
        last = (each.get("lastState") or {}).get("terminated") or state.get("terminated") or {}
        if (held := state.get("waiting")) and held.get("reason") != "ContainerCreating":
            told.append(f"{each['name']}: {held.get('reason')} {held.get('message') or ''}".strip())
        if last:
            told.append(f"{each['name']}: ended with exit code {last.get('exitCode')}")
    for each in status.get("conditions") or []:
        if each["type"] == "PodScheduled" and each["status"] == "False":
            told.append(str(each.get("message")))
    return "; ".join(told)


def _refusals(status: Object) -> str:
    for each in status.get("conditions") or []:
        if each["type"] == "ReplicaFailure" and each["status"] == "True":
            return f"; the cluster refuses its pods: {each.get('message')}"
    return ""


def _counted(status: Object, wanted: int) -> str:
    return f"{int(status.get('readyReplicas') or 0)} of {wanted} pods ready"


def _replicas(live: Object) -> int:
    found = live["spec"].get("replicas")
    return 1 if found is None else int(found)


_JUDGES: Mapping[tuple[str, str], Judge] = {
    ("", "PersistentVolumeClaim"): _claim,
    ("", "Pod"): _pod,
    ("", "Service"): service,
    ("apps", "DaemonSet"): _daemon_set,
    ("apps", "Deployment"): _deployment,
    ("apps", "StatefulSet"): _stateful_set,
    ("batch", "Job"): _job,
    ("networking.k8s.io", "Ingress"): ingress,
}
