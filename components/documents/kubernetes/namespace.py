"""The namespace of a stack, and what all that belongs to one of its services hangs on."""

from __future__ import annotations

import re
from typing import Any

from components.documents.kubernetes.spec import KubernetesServiceSpec

LEVEL = "restricted"


def namespace_object(name: str) -> dict[str, Any]:
    """Pod Security: what breaks the level is refused, not only warned about.

    https://kubernetes.io/docs/concepts/security/pod-security-standards/
    """
    if not re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", name) or _is_its_own(name):
        raise ValueError(
            f"{name!r} is not a namespace of ours; allowed: up to 63 of a-z 0-9 -, not default and "
            "not kube-…"
        )
    modes = ("enforce", "audit", "warn")
    labels = {f"pod-security.kubernetes.io/{mode}": LEVEL for mode in modes}
    return {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": name, "labels": {**labels, "app.kubernetes.io/managed-by": "slipway"}},
    }


def _is_its_own(name: str) -> bool:
    return name == "default" or name.startswith("kube-")


def service_account(service: KubernetesServiceSpec, namespace: str) -> dict[str, Any]:
    """Who the pods are: nobody, as no token is given to them.

    It owns what rollouts make of the service, which so goes away with it.
    """
    return {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {"name": service.name, "namespace": namespace, "labels": service.labels},
        "automountServiceAccountToken": False,
    }
