"""Waiting for a deployment or a task, with one deadline, until it is there or can't be any more."""

from __future__ import annotations

import time
from collections.abc import Sequence

from clients import CancelledError, ClientError
from clients.kubernetes import KubernetesError
from provider.kubernetes_place import Place
from provider.kubernetes_progress import Progress, progress_of
from provider.resource import Call

_PAUSE = (0.2, 1.0)  # seconds: the shortest and the longest
_LATE = 0.04  # of the time waited so far: how late the end may be seen
_LINES = 20
_GONE = 15.0  # seconds in which an API that restarts comes back


class StepError(ClientError):
    """A step of a rollout failed; `lines` has what pods and cluster say."""

    def __init__(self, why: str, lines: Sequence[str] = (), *, timed_out: bool = False) -> None:
        """`timed_out` is whether it was waited for until the deadline."""
        super().__init__(why)
        self.lines = lines
        self.timed_out = timed_out


def pause_after(seconds: float) -> float:
    """Seconds until the cluster is asked again by who has waited for so long."""
    shortest, longest = _PAUSE
    return min(longest, max(shortest, _LATE * seconds))


class Patience:
    """How long is still waited; an API that is away for a moment is asked again."""

    def __init__(self, call: Call, deadline: float) -> None:
        """`deadline` is a moment of time.monotonic()."""
        self._call, self._began, self._away = call, time.monotonic(), 0.0
        self.deadline = deadline

    def wait(self) -> None:
        """One pause. Raises CancelledError."""
        pause = pause_after(time.monotonic() - self._began)
        if self._call.cancelled.wait(pause):
            raise CancelledError("cancelled while the cluster was switching")

    @property
    def over(self) -> bool:
        """Whether the deadline has passed."""
        return time.monotonic() > self.deadline

    def excuse(self, error: KubernetesError) -> None:
        """Raises the error unless the API may only be restarting."""
        now = time.monotonic()
        self._away = self._away or now
        if (error.code and error.code < 500) or now - self._away > _GONE:
            raise error
        self._call.status("the API of the cluster does not answer; asked again")

    def answered(self) -> None:
        """The API is there."""
        self._away = 0.0


def wait_ready(call: Call, place: Place, deadline: float) -> None:
    """Until every pod is of the new version and ready. Raises StepError with what the pods say."""
    patience, last = Patience(call, deadline), ""
    while True:
        try:
            progress = _look(place)
        except KubernetesError as error:
            patience.excuse(error)
            patience.wait()
            continue
        patience.answered()
        if progress.done:
            return
        if progress.failure or patience.over:
            why = progress.failure or f"not ready in time: {progress.words}"
            raise StepError(why, evidence(place, progress.pod), timed_out=not progress.failure)
        if progress.words != last:
            call.status(progress.words)
            last = progress.words
        patience.wait()


def _look(place: Place) -> Progress:
    deployment = place.workload()
    if deployment is None:
        return Progress(words="", failure=f"somebody has deleted the deployment {place.service}")
    return progress_of(deployment, place.pods(deployment))


def evidence(place: Place, pod: str) -> list[str]:
    """Events and the last log lines of the pod that failed, or of one that is not ready."""
    try:
        deployment = place.workload()
        pods = place.pods(deployment) if deployment else []
        chosen = next((each for each in pods if each["metadata"]["name"] == pod), None)
        chosen = chosen or next(iter(pods), None)
        if chosen is None:
            return []
        name, uid = str(chosen["metadata"]["name"]), str(chosen["metadata"]["uid"])
        events = [
            f"event: {each.get('reason')}: {str(each.get('message'))[:300]}"
            for each in place.api.events(place.namespace, uid)[-8:]
        ]
        log = place.api.log(place.namespace, name, lines=_LINES)
        log = log or place.api.log(place.namespace, name, lines=_LINES, previous=True)
    except ClientError as error:
        return [f"pods and events can't be read: {error}"]
    return [*events, *(f"{name}: {line[:300]}" for line in log)]


def run_task(call: Call, place: Place, task: dict[str, object], deadline: float) -> None:
    """Makes a job and waits for its end. Raises StepError with its log if it fails."""
    made = place.api.apply(task)
    name = str(made["metadata"]["name"])
    patience = Patience(call, deadline)
    while True:
        try:
            job = place.api.get("Job", place.namespace, name)
        except KubernetesError as error:
            patience.excuse(error)
            patience.wait()
            continue
        patience.answered()
        ended = _ended(job)
        if ended == "Complete":
            return
        if ended or patience.over:
            lines = _log_of(place, name)
            why = f"the task before it ({name}) " + (ended or "did not end in time")
            place.api.delete("Job", place.namespace, name) if not ended else None
            raise StepError(why, lines, timed_out=not ended)
        call.status(f"{name} runs")
        patience.wait()


def _ended(job: dict[str, object] | None) -> str:
    if job is None:
        return "was deleted by somebody"
    status = job.get("status")
    for condition in (status or {}).get("conditions") or []:  # type: ignore[attr-defined]
        if condition["type"] in ("Complete", "Failed") and condition["status"] == "True":
            done = condition["type"] == "Complete"
            return "Complete" if done else f"failed: {condition.get('message')}"
    return ""


def _log_of(place: Place, job: str) -> list[str]:
    pods = place.api.listed("Pod", place.namespace, {"job-name": job})
    names = [str(pod["metadata"]["name"]) for pod in pods]
    return [
        f"{name}: {line[:300]}"
        for name in names
        for line in place.api.log(place.namespace, name, lines=_LINES)
    ]
