"""The pods of a service: what the namespace's level `restricted` asks for, and probes."""

from __future__ import annotations

from typing import Any

from components.documents.kubernetes.configuration import config_map_name, secret_name
from components.documents.kubernetes.spec import KubernetesServiceSpec

PULL_SECRET = "registry"  # noqa: S105 -- the name of a secret
SETTLE = 5
"""Seconds that a pod goes on serving after it was told to end: proxies learn of it in that time."""
PROBE_SECONDS = 2


def pod_template(
    service: KubernetesServiceSpec, image: str, *, pull_secret: bool
) -> dict[str, Any]:
    """The template of a service's pods; `image` is name:version@digest."""
    return {
        "metadata": {"labels": service.labels},
        "spec": pod_spec(service, container(service, image), pull_secret=pull_secret),
    }


def pod_spec(
    service: KubernetesServiceSpec, own: dict[str, Any], *, pull_secret: bool
) -> dict[str, Any]:
    """One container that is not root, without a token of the cluster."""
    spec: dict[str, Any] = {
        "serviceAccountName": service.name,
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": service.drain + (SETTLE if service.port else 0),
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": service.user,
            "runAsGroup": service.user,
            "fsGroup": service.user,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [own],
        "volumes": [{"name": "tmp", "emptyDir": {"sizeLimit": "64Mi"}}],
    }
    if pull_secret:
        spec["imagePullSecrets"] = [{"name": PULL_SECRET}]
    return spec


def container(
    service: KubernetesServiceSpec, image: str, command: tuple[str, ...] = ()
) -> dict[str, Any]:
    """The service's container; with a command: a task of the same image, without probes."""
    resources = {
        "requests": {
            "cpu": f"{service.cpu}m",
            "memory": f"{service.memory}Mi",
            "ephemeral-storage": "64Mi",
        },
        # No limit on CPU: it would slow a pod down while the node idles.
        "limits": {"memory": f"{service.memory}Mi", "ephemeral-storage": "1Gi"},
    }
    made: dict[str, Any] = {
        "name": service.name,
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "resources": resources,
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": service.read_only,
            "capabilities": {"drop": ["ALL"]},
        },
        "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}],  # noqa: S108 -- of the container
        "terminationMessagePolicy": "FallbackToLogsOnError",
    }
    if sources := _environment(service):
        made["envFrom"] = sources
    if command:
        return {**made, "command": list(command)}
    return {**made, **_serving(service)}


def _environment(service: KubernetesServiceSpec) -> list[dict[str, Any]]:
    sources: list[dict[str, Any]] = []
    if service.environment:
        sources.append({"configMapRef": {"name": config_map_name(service)}})
    if service.secrets:
        sources.append({"secretRef": {"name": secret_name(service)}})
    return sources


def _serving(service: KubernetesServiceSpec) -> dict[str, Any]:
    if service.port is None:
        return {}
    port = {"name": "http", "containerPort": service.port, "protocol": "TCP"}
    made: dict[str, Any] = {
        "ports": [port],
        "lifecycle": {"preStop": {"sleep": {"seconds": SETTLE}}},
    }
    if service.health is None:
        asked: dict[str, Any] = {"tcpSocket": {"port": "http"}}
    else:
        asked = {"httpGet": {"path": service.health, "port": "http"}}
    return {
        **made,
        "startupProbe": {**asked, "periodSeconds": 1, "failureThreshold": service.grace},
        "readinessProbe": {
            **asked,
            "periodSeconds": PROBE_SECONDS,
            "timeoutSeconds": 2,
            "failureThreshold": 2,
        },
        # Slower than readiness: it restarts, and a pod under load is not a dead one.
        "livenessProbe": {
            **asked,
            "periodSeconds": 10,
            "timeoutSeconds": 5,
            "failureThreshold": 3,
        },
    }
