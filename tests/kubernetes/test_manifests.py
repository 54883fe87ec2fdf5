"""Every manifest is taken by a real API server, in a namespace of the level `restricted`."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from components.documents.kubernetes.bundle import surroundings, versioned
from components.documents.kubernetes.namespace import namespace_object
from components.documents.kubernetes.spec import KubernetesServiceSpec, Scale
from components.documents.kubernetes.workload import task_before
from localcloud.kubernetes.node import Node
from tests.kubernetes.app import App

SHAPES = {
    "five lines": KubernetesServiceSpec(name="book-shop", port=8000, health="/healthz"),
    "published": KubernetesServiceSpec(name="shop", port=8000, publish=30090, replicas=1),
    "everything": KubernetesServiceSpec(
        name="shop",
        port=8000,
        host="shop.example.com",
        tls_secret="shop-tls",
        health="/healthz",
        scale=Scale(least=2, most=5),
        environment={"MODE": "fast"},
        secrets={"DB": "parameter:/shop/db"},
        before=("python3", "migrate.py"),
    ),
    "scheduled": KubernetesServiceSpec(name="report", schedule="*/5 3-5 * * 1,3"),
    "worker": KubernetesServiceSpec(name="worker", open_to=("shop",), port=9000),
}


@pytest.fixture(scope="module")
def namespace(node: Node) -> Iterator[str]:
    name = "manifests"
    node.kubectl("apply", "--filename", "-", given=json.dumps(namespace_object(name)))
    yield name
    node.kubectl("delete", "namespace", name)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_api_takes_every_manifest_without_a_warning(
    node: Node, app: App, namespace: str, shape: str
) -> None:
    service = SHAPES[shape]
    image = app.reference("v1")
    every = [
        *surroundings(service, namespace),
        *versioned(service, namespace, image, pull_secret=True),
    ]
    task = task_before(service, namespace, image, f"{service.name}-before-1", pull_secret=True)
    every += [task] if task else []
    text = json.dumps({"apiVersion": "v1", "kind": "List", "items": every})
    words = ("apply", "--server-side", "--dry-run=server", "--validate=strict")
    said = node.kubectl(*words, "--warnings-as-errors", "--filename", "-", given=text)
    assert said.count("serverside-applied") == len(every)


def test_what_is_not_restricted_is_refused_by_the_namespace(
    node: Node, app: App, namespace: str
) -> None:
    made = versioned(SHAPES["five lines"], namespace, app.reference("v1"), pull_secret=True)[-1]
    made["spec"]["template"]["spec"]["containers"][0]["securityContext"] = {"privileged": True}
    words = ("apply", "--server-side", "--dry-run=server", "--warnings-as-errors")
    with pytest.raises(Exception, match="privileged"):
        node.kubectl(*words, "--filename", "-", given=json.dumps(made))
