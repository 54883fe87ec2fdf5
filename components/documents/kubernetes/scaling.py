"""How many pods there are, and how few there may be."""

from __future__ import annotations

from typing import Any

from components.documents.kubernetes.spec import KubernetesServiceSpec


def autoscaler(service: KubernetesServiceSpec, namespace: str) -> dict[str, Any] | None:
    """The horizontal autoscaler; None where the number is fixed. It needs the metrics addon."""
    if service.scale is None:
        return None
    target = {"type": "Utilization", "averageUtilization": service.scale.cpu_percent}
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": service.name, "namespace": namespace, "labels": service.labels},
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": service.name},
            "minReplicas": service.scale.least,
            "maxReplicas": service.scale.most,
            "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": target}}],
        },
    }


def disruption_budget(service: KubernetesServiceSpec, namespace: str) -> dict[str, Any] | None:
    """At most one pod less while a node is emptied; None for a single pod, which would block it."""
    least = service.scale.least if service.scale else service.replicas
    if least < 2 or service.schedule is not None:
        return None
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": service.name, "namespace": namespace, "labels": service.labels},
        "spec": {"maxUnavailable": 1, "selector": {"matchLabels": service.labels}},
    }
