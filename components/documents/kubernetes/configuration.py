"""Variables of a service, in objects whose names change with what is in them.

So pods of two versions never read each other's variables, and an older version finds its own.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from components.documents.kubernetes.spec import KubernetesServiceSpec


def config_map(service: KubernetesServiceSpec, namespace: str) -> dict[str, Any] | None:
    """The plain variables; None without any."""
    if not service.environment:
        return None
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": config_map_name(service),
            "namespace": namespace,
            "labels": service.labels,
        },
        "immutable": True,
        "data": dict(sorted(service.environment.items())),
    }


def config_map_name(service: KubernetesServiceSpec) -> str:
    """By its content."""
    return f"{service.name}-{_mark(dict(service.environment))}"


def secret_name(service: KubernetesServiceSpec) -> str:
    """By the references and their versions, which are no secret; values are never seen here."""
    content = dict(service.secrets)
    if service.secret_versions:
        content[""] = service.secret_versions
    return f"{service.name}-secrets-{_mark(content)}"


def _mark(content: dict[str, str]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:10]
