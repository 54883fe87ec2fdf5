"""How far a deployment is, and whether it can still get there: from what the cluster says of it.

The rules of `kubectl rollout status`, and failures that it only waits for.
https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#deployment-status
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Document = Mapping[str, Any]

# What a container waits for that will not come by itself.
_HOPELESS = {
    "ImagePullBackOff": "its image can't be pulled",
    "InvalidImageName": "its image has no valid name",
    "CreateContainerConfigError": "its container can't be made",
    "CreateContainerError": "its container can't be made",
    "RunContainerError": "its container can't be started",
}
_CRASHES = 2
"""How often a new pod may end and be started again before it is given up."""


@dataclass(frozen=True, kw_only=True)
class Progress:
    """Where a rollout stands."""

    words: str
    """For a person."""
    done: bool = False
    """Whether every pod is of this version and ready."""
    failure: str = ""
    """Why it will not get there."""
    pod: str = ""
    """The pod that failed, if one did."""


def progress_of(deployment: Document, pods: Sequence[Document]) -> Progress:
    """`pods` are those of the new version."""
    status, wanted = deployment.get("status") or {}, _wanted(deployment)
    updated, available = (
        int(status.get("updatedReplicas") or 0),
        int(status.get("availableReplicas") or 0),
    )
    present = int(status.get("replicas") or 0)
    ready = sum(_is_ready(pod) for pod in pods)
    words = f"{ready} of {wanted} new pods ready, {max(0, present - updated)} old ones left"
    seen = int(status.get("observedGeneration") or 0) >= int(deployment["metadata"]["generation"])
    if not seen:
        return Progress(words="the cluster has not seen it yet")
    for pod in pods:
        if why := _hopeless(pod):
            name = str(pod["metadata"]["name"])
            return Progress(words=words, failure=f"pod {name}: {why}", pod=name)
    if why := _refused(status):
        return Progress(words=words, failure=why)
    done = updated == wanted and present == updated and available == updated
    return Progress(words=words, done=done)


def _wanted(deployment: Document) -> int:
    replicas = deployment["spec"].get("replicas")
    return 1 if replicas is None else int(replicas)


def _is_ready(pod: Document) -> bool:
    conditions = (pod.get("status") or {}).get("conditions") or []
    return any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)


def _hopeless(pod: Document) -> str:
    for container in (pod.get("status") or {}).get("containerStatuses") or []:
        waiting = (container.get("state") or {}).get("waiting") or {}
        reason, message = str(waiting.get("reason") or ""), str(waiting.get("message") or "")
        if reason in _HOPELESS:
            return f"{_HOPELESS[reason]} ({reason}: {message[:300]})"
        restarts = int(container.get("restartCount") or 0)
        if restarts >= _CRASHES:
            ended = (container.get("lastState") or {}).get("terminated") or {}
            said = " ".join(str(ended.get("message") or "").split())[-200:]
            return (
                f"its program has ended {restarts} times, last with exit code "
                f"{ended.get('exitCode')} ({ended.get('reason')})" + (f": {said}" if said else "")
            )
    return ""


def _refused(status: Document) -> str:
    for condition in status.get("conditions") or []:
        kind, state = condition["type"], condition["status"]
        message = str(condition.get("message") or "")[:500]
        if kind == "ReplicaFailure" and state == "True":
            return f"the cluster refuses its pods: {message}"
        if kind == "Progressing" and condition.get("reason") == "ProgressDeadlineExceeded":
            return f"no progress: {message}"
    return ""


def images_of(pods: Sequence[Document]) -> dict[str, str]:
    """What each pod really runs, by its name: repository@digest, the runtime's imageID."""
    found: dict[str, str] = {}
    for pod in pods:
        for container in (pod.get("status") or {}).get("containerStatuses") or []:
            image = str(container.get("imageID") or "")
            if "@" in image:
                found[str(pod["metadata"]["name"])] = image.rpartition("://")[2]
    return found
