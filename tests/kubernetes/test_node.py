"""The node is a real Kubernetes: it pulls with a login, rolls out, and survives crashes.

Ingress, load balancers and volumes with a provisioner have nothing behind them here.
"""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from localcloud.kubernetes.node import Node
from tests.kubernetes.app import App
from tests.localcloud.cloud import Cloud, Machine
from tests.localcloud.conftest import launch  # noqa: F401 -- a fixture
from tests.localcloud.ecs_estate import within

PORT = 30080


def manifests(app: App, version: str) -> dict[str, Any]:
    labels = {"app": "shop"}
    probe = {"httpGet": {"path": "/healthz", "port": 8000}, "periodSeconds": 1}
    container = {
        "name": "shop",
        "image": app.reference(version),
        "readinessProbe": probe,
        "lifecycle": {"preStop": {"sleep": {"seconds": 2}}},
    }
    pod = {"containers": [container], "imagePullSecrets": [{"name": "registry"}]}
    deployment = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "shop"},
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": labels},
            "strategy": {"rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}},
            "template": {"metadata": {"labels": labels}, "spec": pod},
        },
    }
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "shop"},
        "spec": {
            "type": "NodePort",
            "selector": labels,
            "ports": [{"port": 80, "targetPort": 8000, "nodePort": PORT}],
        },
    }
    return {"apiVersion": "v1", "kind": "List", "items": [deployment, service]}


@pytest.fixture(scope="module")
def shop(node: Node, app: App) -> Iterator[str]:
    """The shop's address, v1 answering."""
    login = f"--from-literal=.dockerconfigjson={app.login()}"
    kind = "--type=kubernetes.io/dockerconfigjson"
    node.kubectl("create", "secret", "generic", "registry", kind, login)
    apply(node, app, "v1")
    address = f"http://{node.address}:{PORT}"
    wait_for(address, "v1")
    yield address
    node.kubectl("delete", "deployment/shop", "service/shop", "secret/registry")


def apply(node: Node, app: App, version: str) -> None:
    text = json.dumps(manifests(app, version))
    node.kubectl("apply", "--filename", "-", given=text)
    node.kubectl("rollout", "status", "deployment/shop", "--timeout=40s")


def answer(address: str) -> str:
    with urllib.request.urlopen(address, timeout=2) as found:
        return str(found.read().decode())


def wait_for(address: str, version: str, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            if answer(address) == version:
                return
        except (urllib.error.URLError, OSError):
            pass
        assert time.monotonic() < deadline, f"{address} does not answer {version}"
        time.sleep(0.05)


def wait_for_one_version(node: Node, seconds: float = 30) -> None:
    """Until no pod of another version is left, not even one that ends."""

    def images() -> set[str]:
        pods = json.loads(node.kubectl("get", "pods", "--selector=app=shop", "--output=json"))
        return {pod["spec"]["containers"][0]["image"] for pod in pods["items"]}

    within(seconds, "one version", lambda: len(images()) == 1)


def test_an_image_is_pulled_by_digest_with_a_login(node: Node, app: App, shop: str) -> None:
    pods = json.loads(node.kubectl("get", "pods", "--selector=app=shop", "--output=json"))
    found = {pod["status"]["containerStatuses"][0]["imageID"] for pod in pods["items"]}
    assert {each.rpartition("@")[2] for each in found} == {app.digests["v1"]}
    assert answer(shop) == "v1"


def test_a_machine_asks_the_node_by_microk8s(cloud: Cloud, node: Node, launch: Any) -> None:  # noqa: F811
    machine: Machine = launch()
    machine.wait_online()
    said = machine.run("/snap/bin/microk8s kubectl get nodes --output name")
    assert said["StandardOutputContent"] == "node/node1\n", said


def test_a_crash_of_kubelet_and_api_server_in_mid_rollout_is_survived(
    node: Node, app: App, shop: str
) -> None:
    text = json.dumps(manifests(app, "v2"))
    node.kubectl("apply", "--filename", "-", given=text)
    for daemon in ("kubelet", "kube-apiserver"):
        node.restart(daemon)
    deadline = time.monotonic() + 30
    while True:
        try:
            node.kubectl("rollout", "status", "deployment/shop", "--timeout=20s")
            break
        except Exception:
            assert time.monotonic() < deadline, "the API does not come back"
            time.sleep(0.2)
    wait_for(shop, "v2")


def test_a_sick_version_gets_no_request(node: Node, app: App, shop: str) -> None:
    wait_for_one_version(node)
    serving = answer(shop)
    node.kubectl("apply", "--filename", "-", given=json.dumps(manifests(app, "sick")))
    until = time.monotonic() + 4
    while time.monotonic() < until:
        assert answer(shop) == serving
    apply(node, app, serving)
