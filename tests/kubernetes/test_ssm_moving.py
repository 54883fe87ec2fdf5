"""From one delivery to the other and back, as docs/microk8s.md says: no pod and no request is lost.

The tests stand on each other, in this order.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from localcloud.kubernetes.node import Node
from tests.kubernetes.load import loaded
from tests.kubernetes.shop import SERVICE, Shop
from tests.kubernetes.ssm_estate import keep_kubeconfig, laid, on_host
from tests.localcloud.cloud import Cloud

PORT = 30312
API = {"delivery": "api"}


@pytest.fixture(scope="module")
def shop(cloud: Cloud, node: Node, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A service that the host has deployed."""
    for made in laid(cloud, node, tmp_path_factory.mktemp("moving"), PORT, {"drain": 2}):
        made.up().ok()
        made.answer()
        yield made


def identities(shop: Shop) -> dict[str, str]:
    """The uid of everything that must not be made anew."""
    kinds = "pods,deployments,services,serviceaccounts,networkpolicies,pdb"
    found = json.loads(shop.kubectl("get", kinds, "--output=json"))["items"]
    return {f"{each['kind']}/{each['metadata']['name']}": each["metadata"]["uid"] for each in found}


def managers(shop: Shop) -> dict[str, set[str]]:
    """By object, who has applied fields of it."""
    words = ("get", "deployments,services,networkpolicies,pdb", "--show-managed-fields")
    found: dict[str, Any] = json.loads(shop.kubectl(*words, "--output=json"))
    return {
        each["kind"]: {
            entry["manager"]
            for entry in each["metadata"]["managedFields"]
            if entry["operation"] == "Apply"
        }
        for each in found["items"]
    }


def test_the_api_takes_over_from_the_host(shop: Shop, cloud: Cloud) -> None:
    before = identities(shop)
    with loaded(f"http://{shop.node.address}:{PORT}") as load:
        keep_kubeconfig(shop, shop.node.kubeconfig)
        with shop.configured(kubernetes={**API, "moving": True}):
            shop.up().ok()
        with shop.configured(kubernetes=API):
            shop.up().ok()
            assert "unchanged" in shop.up().ok()
        place = f"/var/lib/slipway/{shop.stack}/{SERVICE}"
        on_host(cloud, shop, f"{place}/current/deploy/kubernetes_deploy.sh --forget")
    assert identities(shop) == before
    assert load.failed == []
    assert load.good > 200
    assert set().union(*managers(shop).values()) == {"slipway"}


def test_the_host_takes_over_from_the_api(shop: Shop) -> None:
    before = identities(shop)
    with loaded(f"http://{shop.node.address}:{PORT}") as load:
        with shop.configured(kubernetes={**API, "moving": True}):
            shop.up().ok()
        shop.estate.pulumi(
            *("config", "rm", "slipway:kubeconfig", "--stack", shop.stack), cwd=shop.folder
        ).ok()
        shop.up().ok()
        assert "unchanged" in shop.up("--refresh").ok()
    assert identities(shop) == before
    assert load.failed == []
    assert load.good > 200
    assert set().union(*managers(shop).values()) == {"slipway"}


def test_then_a_release_goes_on_as_ever(shop: Shop) -> None:
    with shop.configured({"replicas": 1, "publish": None}):
        shop.up().ok()
        assert "PodDisruptionBudget/book-shop" not in identities(shop)
        kind = shop.kubectl("get", "service", SERVICE, "--output=jsonpath={.spec.type}")
        assert kind == "ClusterIP"
