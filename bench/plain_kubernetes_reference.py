"""A Pulumi program of one Deployment and nothing else, as the SDK's own examples are.

A folder that holds it as `__main__.py` has the deployment's manifest and a kubeconfig beside it.
"""

from __future__ import annotations

import json
from pathlib import Path

import pulumi
import pulumi_kubernetes as kubernetes

HERE = Path(__file__).parent


def main() -> None:
    """Declares the deployment."""
    node = kubernetes.Provider("node", kubeconfig=(HERE / "kubeconfig").read_text())
    manifest = json.loads((HERE / "deployment.json").read_text())
    kubernetes.apps.v1.Deployment(
        "plain",
        metadata=manifest["metadata"],
        spec=manifest["spec"],
        opts=pulumi.ResourceOptions(provider=node),
    )


if __name__ == "__main__":
    main()
