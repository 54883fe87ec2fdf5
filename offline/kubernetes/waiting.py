"""Waiting until an object is ready, or gone."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from offline.plugin.waiting import WaitError
from offline.plugin.wire import State

from .api import Api, Kind
from .cluster import Cluster
from .errors import NotReadyError, UnreachableError
from .judgement import Object
from .objects import SKIP_AWAIT, TIMEOUT, annotation
from .readiness import readiness, waiting

_PAUSE = (0.1, 1.0)  # seconds: the first and the longest
_AWAY = 20.0  # seconds in which an API that restarts comes back
_DEFAULT = 600.0  # seconds


@dataclass(frozen=True)
class _Around:
    """The neighbours of an object."""

    api: Api
    namespace: str

    def get(self, api_version: str, kind: str, name: str) -> Object | None:
        found = self.api.kind(api_version, kind)
        return self.api.get(found, self.namespace, name)

    def listed(self, api_version: str, kind: str, **parameters: str) -> list[Object]:
        found = self.api.kind(api_version, kind)
        return list(self.api.listed(found, self.namespace, **parameters))


def seconds_of(inputs: Mapping[str, Any], asked: float) -> float:
    """How long is waited: by the program's customTimeouts, else the annotation, else 10 min."""
    try:
        return asked or float(annotation(inputs, TIMEOUT) or _DEFAULT)
    except ValueError:
        raise WaitError(
            f"the annotation {TIMEOUT} is '{annotation(inputs, TIMEOUT)}'; seconds are expected"
        ) from None


def await_ready(
    cluster: Cluster, kind: Kind, live: State, inputs: Mapping[str, Any], asked: float
) -> State:
    """The object once it is ready. Raises NotReadyError, WaitError."""
    if annotation(inputs, SKIP_AWAIT).lower() == "true":
        return live
    namespace, name = live["metadata"].get("namespace") or "", str(live["metadata"]["name"])
    around, latest = _Around(cluster.api, namespace), [live]

    def look() -> str:
        state = readiness(latest[0], around)
        if state.done:
            return ""
        if state.failed:
            raise NotReadyError(f"{state.words}{_pods(latest[0], around)}")
        found = cluster.api.get(kind, namespace, name)
        if found is None:
            raise NotReadyError("somebody deleted it while it was waited for")
        latest[0] = found
        return state.words or "not ready"

    try:
        _poll(cluster, look, seconds_of(inputs, asked))
    except WaitError as error:
        raise NotReadyError(f"{error}{_pods(latest[0], around)}") from None
    return latest[0]


def await_gone(cluster: Cluster, kind: Kind, namespace: str, live: State, seconds: float) -> None:
    """Until it is gone, or another of the same name is there. Raises WaitError."""
    name, uid = str(live["metadata"]["name"]), live["metadata"]["uid"]

    def look() -> str:
        found = cluster.api.get(kind, namespace, name)
        if found is None or found["metadata"]["uid"] != uid:
            return ""
        return f"it is still there{_held(found)}"

    _poll(cluster, look, seconds)


def _poll(cluster: Cluster, look: Callable[[], str], seconds: float) -> None:
    """Until `look` has nothing more to say. An API that is away for a moment is asked again."""
    started = time.monotonic()
    away, pause, said = 0.0, _PAUSE[0], ""
    while True:
        try:
            said = look()
            away = 0.0
        except UnreachableError as error:
            away = away or time.monotonic()
            if error.certain or time.monotonic() - away > _AWAY:
                raise
        else:
            if not said:
                return
        if time.monotonic() - started >= seconds:
            raise WaitError(f"after {seconds:.0f} s {said or 'the API did not answer'}")
        if cluster.cancelled.wait(pause):
            raise WaitError(f"cancelled while {said or 'the API did not answer'}")
        pause = min(_PAUSE[1], pause * 1.4)


def _held(live: State) -> str:
    finalizers = live["metadata"].get("finalizers") or live.get("spec", {}).get("finalizers") or []
    words = f", held by its finalizers {', '.join(finalizers)}" if finalizers else ""
    for each in (live.get("status") or {}).get("conditions") or []:
        if each["type"].startswith("Namespace") and each["status"] == "True":
            words += f"; {each.get('message')}"
    return words


def _pods(live: State, around: _Around) -> str:
    """What the pods of a workload say."""
    labels = (live.get("spec") or {}).get("selector")
    labels = labels.get("matchLabels") if isinstance(labels, Mapping) else None
    if not labels or live["kind"] == "Service":
        return ""
    chosen = ",".join(f"{key}={value}" for key, value in sorted(labels.items()))
    try:
        pods = around.listed("v1", "Pod", labelSelector=chosen)
    except UnreachableError:
        return ""
    told = [f"pod {each['metadata']['name']}: {waiting(each)}" for each in pods if waiting(each)]
    return "".join(f"\n  {each}" for each in told[:5])
