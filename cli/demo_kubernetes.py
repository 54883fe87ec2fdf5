"""`make demo KUBERNETES=1`: the stack `kubernetes`, on a real node of this machine."""

from __future__ import annotations

import os
import sys

from cli.local_stack import STATE, get, must_run, stack_outputs, title

SERVICE = "paper-shop"
UP = ("pulumi", "up", "--stack", "kubernetes", "--yes", "--skip-preview")
NODE = (sys.executable, "-m", "localcloud.kubernetes")


def on_kubernetes() -> bool:
    """Whether the demo was asked for it."""
    return bool(os.environ.get("SLIPWAY_DEMO_KUBERNETES"))


def deploy_to_kubernetes() -> None:
    """Starts the node and deploys to it. Raises `SystemExit` if it does not answer."""
    title("A real Kubernetes node, and the same program on it")
    must_run(*NODE, "up")
    must_run("pulumi", "stack", "select", "--create", "kubernetes")
    must_run(*UP)
    service = stack_outputs("kubernetes")["services"][SERVICE]
    print(f"\n  GET {service['url']}/\n  {get(service['url']).strip()}")
    kubectl = ("exec", f"deployment/{SERVICE}", "--", "id")
    config = f"--kubeconfig={STATE / 'kubernetes' / 'kubeconfig'}"
    print(f"  kubectl {config} --namespace kubernetes {' '.join(kubectl)}")


def stop_kubernetes() -> None:
    """Stops the node, if one runs."""
    if (STATE / "kubernetes").exists():
        must_run(*NODE, "down")
