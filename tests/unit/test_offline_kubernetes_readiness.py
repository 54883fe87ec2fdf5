"""When an object is ready, and how long the offline kubernetes plugin waits for it."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import Any

import pytest

from offline.kubernetes.api import Kind
from offline.kubernetes.errors import NotReadyError, UnreachableError
from offline.kubernetes.readiness import readiness, waiting
from offline.kubernetes.waiting import await_gone, await_ready, seconds_of
from offline.plugin.waiting import WaitError

JOB = Kind(api_version="batch/v1", name="Job", plural="jobs", namespaced=True)


class Around:
    """The neighbours of an object, from a dictionary."""

    def __init__(self, **objects: Any) -> None:
        self.objects = objects

    def get(self, api_version: str, kind: str, name: str) -> Any:
        return self.objects.get(f"{kind}_{name}")

    def listed(self, api_version: str, kind: str, **parameters: str) -> list[Any]:
        return [
            each
            for key, each in self.objects.items()
            if key.startswith(kind) and str(each.get("of", "")) in parameters["labelSelector"]
        ]


def object_of(api_version: str, kind: str, spec: Any, status: Any, **metadata: Any) -> Any:
    named = {"name": "web", "namespace": "n", "uid": "1", **metadata}
    return {
        "apiVersion": api_version,
        "kind": kind,
        "metadata": named,
        "spec": spec,
        "status": status,
    }


def deployment(status: Any, **metadata: Any) -> Any:
    return object_of("apps/v1", "Deployment", {"replicas": 2}, status, **metadata)


FULL = {
    "observedGeneration": 2, "replicas": 2, "updatedReplicas": 2, "availableReplicas": 2,
}  # fmt: skip
READY = {"endpoints": [{"conditions": {"ready": True}}], "of": "service-name=web"}


@pytest.mark.parametrize(
    ("status", "done"),
    [
        (FULL, True),
        ({}, False),
        ({**FULL, "observedGeneration": 1}, False),
        ({**FULL, "replicas": 3}, False),
        ({**FULL, "updatedReplicas": 1}, False),
        ({**FULL, "availableReplicas": 1}, False),
    ],
)
def test_a_deployment_is_ready_when_all_pods_are_new_and_available(status: Any, done: bool) -> None:
    assert readiness(deployment(status, generation=2), Around()).done is done


def test_a_deployment_past_its_deadline_has_failed_with_the_words_of_the_cluster() -> None:
    told = [
        {"type": "Progressing", "reason": "ProgressDeadlineExceeded", "message": "too long"},
        {"type": "ReplicaFailure", "status": "True", "message": "exceeded quota"},
    ]
    found = readiness(deployment({**FULL, "conditions": told}), Around())
    assert found.failed
    assert "too long" in found.words
    assert "exceeded quota" in found.words


@pytest.mark.parametrize(
    ("conditions", "done", "failed"),
    [
        ([], False, False),
        ([{"type": "Complete", "status": "True"}], True, False),
        ([{"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded"}], False, True),
    ],
)
def test_a_job_is_ready_when_it_has_completed(conditions: Any, done: bool, failed: bool) -> None:
    found = readiness(object_of("batch/v1", "Job", {}, {"conditions": conditions}), Around())
    assert (found.done, found.failed) == (done, failed)


@pytest.mark.parametrize(
    ("spec", "around", "done"),
    [
        ({"selector": {"a": "b"}}, {}, False),
        ({"selector": {"a": "b"}}, {"EndpointSlice": READY}, True),
        ({"selector": {"a": "b"}}, {"EndpointSlice": {**READY, "of": "service-name=no"}}, False),
        ({"selector": {"a": "b"}, "clusterIP": "None"}, {}, True),
        ({"type": "ExternalName"}, {}, True),
        ({}, {}, True),
        ({"type": "LoadBalancer"}, {}, False),
    ],
)
def test_a_service_is_ready_when_it_leads_to_a_ready_pod(
    spec: Any, around: Any, done: bool
) -> None:
    assert readiness(object_of("v1", "Service", spec, {}), Around(**around)).done is done


def test_an_ingress_is_ready_when_its_services_are_and_it_has_an_address() -> None:
    backend = {"service": {"name": "web"}}
    spec = {"rules": [{"http": {"paths": [{"backend": backend}]}}]}
    given = object_of("networking.k8s.io/v1", "Ingress", spec, {})
    assert "not there" in readiness(given, Around()).words
    there = Around(Service_web={"spec": {}}, EndpointSlice=READY)
    assert "no ingress controller" in readiness(given, there).words
    given["status"] = {"loadBalancer": {"ingress": [{"ip": "10.0.0.1"}]}}
    assert readiness(given, there).done


def test_other_kinds_are_ready_at_once() -> None:
    assert readiness(object_of("v1", "ConfigMap", {}, {}), Around()).done
    assert readiness(object_of("v1", "Namespace", {}, {}), Around()).done


def test_containers_say_what_they_wait_for() -> None:
    held = {"name": "a", "state": {"waiting": {"reason": "ImagePullBackOff", "message": "no"}}}
    ended = {"name": "b", "state": {}, "lastState": {"terminated": {"exitCode": 7}}}
    said = waiting({"status": {"containerStatuses": [held, ended]}})
    assert said == "a: ImagePullBackOff no; b: ended with exit code 7"


class FakeApi:
    """Answers what it is given, one after another; the last for ever."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)

    def get(self, kind: Any, namespace: str, name: str) -> Any:
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def kind(self, api_version: str, name: str) -> Any:
        return JOB

    def listed(self, *words: Any, **parameters: str) -> list[Any]:
        return []


def cluster(*answers: Any) -> Any:
    return SimpleNamespace(api=FakeApi(*answers), cancelled=threading.Event())


def job(*conditions: Any) -> Any:
    return object_of("batch/v1", "Job", {}, {"conditions": list(conditions)})


DONE = job({"type": "Complete", "status": "True"})
AWAY = UnreachableError("it", "https://x", OSError("refused"))


def test_an_api_that_restarts_is_asked_again_but_not_one_of_another_authority() -> None:
    assert await_ready(cluster(AWAY, job(), AWAY, DONE), JOB, job(), {}, 30) == DONE
    other = UnreachableError("it", "https://x", OSError("CERTIFICATE_VERIFY_FAILED"))
    with pytest.raises(UnreachableError):
        await_ready(cluster(other), JOB, job(), {}, 30)


def test_waiting_ends_by_the_limit_a_cancel_or_the_end_of_the_object() -> None:
    with pytest.raises(NotReadyError, match=r"after 1 s it has not completed"):
        await_ready(cluster(job()), JOB, job(), {}, 1)
    with pytest.raises(NotReadyError, match="somebody deleted it"):
        await_ready(cluster(None), JOB, job(), {}, 1)
    stopped = cluster(job())
    stopped.cancelled.set()
    with pytest.raises(NotReadyError, match="cancelled"):
        await_ready(stopped, JOB, job(), {}, 30)


def test_the_programs_limit_wins_over_the_annotation_over_ten_minutes() -> None:
    noted = {"metadata": {"annotations": {"pulumi.com/timeoutSeconds": "7"}}}
    assert (seconds_of(noted, 5), seconds_of(noted, 0), seconds_of({}, 0)) == (5, 7, 600)
    wrong = {"metadata": {"annotations": {"pulumi.com/timeoutSeconds": "soon"}}}
    with pytest.raises(WaitError, match="'soon'; seconds are expected"):
        seconds_of(wrong, 0)


def test_who_skips_the_wait_gets_the_object_as_it_is() -> None:
    noted = {"metadata": {"annotations": {"pulumi.com/skipAwait": "true"}}}
    assert await_ready(cluster(None), JOB, job(), noted, 1) == job()


def test_another_object_of_the_same_name_is_no_reason_to_wait_on() -> None:
    await_gone(cluster(job(), object_of("batch/v1", "Job", {}, {}, uid="2")), JOB, "n", job(), 5)
    await_gone(cluster(job(), None), JOB, "n", job(), 5)
    held = object_of("batch/v1", "Job", {}, {}, finalizers=["a.b/c"])
    with pytest.raises(WaitError, match=r"held by its finalizers a\.b/c"):
        await_gone(cluster(held), JOB, "n", job(), 0.1)
