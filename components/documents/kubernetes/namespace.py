"""The namespace of a stack, whose level refuses what is not `restricted`."""

from __future__ import annotations

import re
from typing import Any

LEVEL = "restricted"


def namespace_object(name: str) -> dict[str, Any]:
    """Pod Security: what breaks the level is refused, not only warned about.

    https://kubernetes.io/docs/concepts/security/pod-security-standards/
    """
    if not re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", name) or name.startswith("kube-"):
        raise ValueError(
            f"{name!r} is not a namespace of ours; allowed: up to 63 of a-z 0-9 -, not kube-…"
        )
    modes = ("enforce", "audit", "warn")
    labels = {f"pod-security.kubernetes.io/{mode}": LEVEL for mode in modes}
    return {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": name, "labels": {**labels, "app.kubernetes.io/managed-by": "slipway"}},
    }
