"""What runs: the deployment, the task before it, the scheduled task."""

from __future__ import annotations

from typing import Any

from components.documents.kubernetes.pod import container, pod_spec, pod_template
from components.documents.kubernetes.spec import KubernetesServiceSpec

HISTORY = 5
"""Replica sets and ended jobs that are kept, for a person to look at."""


def deployment(
    service: KubernetesServiceSpec, namespace: str, image: str, *, pull_secret: bool
) -> dict[str, Any]:
    """One more pod of the new version at a time, and none of the old one less before it is ready.

    Without `replicas` where an autoscaler owns them: a deploy must not reset its number.
    """
    spec: dict[str, Any] = {
        "selector": {"matchLabels": service.labels},
        "strategy": {
            "type": "RollingUpdate",
            "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1},
        },
        "minReadySeconds": 2,
        # Whoever waits for it gives up first, and says why.
        "progressDeadlineSeconds": service.timeout + 60,
        "revisionHistoryLimit": HISTORY,
        "template": pod_template(service, image, pull_secret=pull_secret),
    }
    if service.scale is None:
        spec["replicas"] = service.replicas
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": service.name, "namespace": namespace, "labels": service.labels},
        "spec": spec,
    }


def task_before(
    service: KubernetesServiceSpec, namespace: str, image: str, name: str, *, pull_secret: bool
) -> dict[str, Any] | None:
    """The task that must succeed before a version starts, a migration for instance; or None.

    It is tried once: whether a failed migration may be repeated is for a person to say.
    """
    if not service.before:
        return None
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": name, "namespace": namespace, "labels": _task_labels(service)},
        "spec": {
            "backoffLimit": 0,
            "activeDeadlineSeconds": service.timeout,
            "ttlSecondsAfterFinished": 7 * 86400,
            "template": _task(service, image, tuple(service.before), pull_secret=pull_secret),
        },
    }


def cron_job(
    service: KubernetesServiceSpec, namespace: str, image: str, *, pull_secret: bool
) -> dict[str, Any]:
    """The scheduled task: never two at a time, one that was missed by ten minutes is left out."""
    return {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": {"name": service.name, "namespace": namespace, "labels": service.labels},
        "spec": {
            "schedule": service.schedule,
            "timeZone": "Etc/UTC",
            "concurrencyPolicy": "Forbid",
            "startingDeadlineSeconds": 600,
            "successfulJobsHistoryLimit": HISTORY,
            "failedJobsHistoryLimit": HISTORY,
            "jobTemplate": {
                "spec": {
                    "backoffLimit": 0,
                    "activeDeadlineSeconds": service.timeout,
                    "template": _task(service, image, (), pull_secret=pull_secret),
                }
            },
        },
    }


def _task(
    service: KubernetesServiceSpec, image: str, command: tuple[str, ...], *, pull_secret: bool
) -> dict[str, Any]:
    own = container(service, image, command)
    spec = pod_spec(service, own, pull_secret=pull_secret)
    return {
        "metadata": {"labels": _task_labels(service)},
        "spec": {**spec, "restartPolicy": "Never"},
    }


def _task_labels(service: KubernetesServiceSpec) -> dict[str, str]:
    # Not the labels that the service finds its pods by: a task takes no requests.
    return {**service.labels, "app.kubernetes.io/name": f"{service.name}-task"}
