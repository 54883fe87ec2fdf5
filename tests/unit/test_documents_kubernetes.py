"""The manifests of a service: golden files, what is not in them, and what is refused."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from components.documents.kubernetes.bundle import surroundings, versioned
from components.documents.kubernetes.configuration import secret_name
from components.documents.kubernetes.namespace import namespace_object
from components.documents.kubernetes.spec import KubernetesServiceSpec, Scale
from components.documents.kubernetes.workload import task_before
from tests.golden import assert_golden

IMAGE = "127.0.0.1:4510/local/book-shop:v1.2.0@sha256:" + "a" * 64
BOOK_SHOP = KubernetesServiceSpec(name="book-shop", port=8000, publish=30080, health="/healthz")
SHAPES = {
    "book-shop": BOOK_SHOP,
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
}


def every(service: KubernetesServiceSpec) -> list[dict[str, Any]]:
    task = task_before(service, "prod", IMAGE, f"{service.name}-before", pull_secret=True)
    return [
        namespace_object("prod"),
        *surroundings(service, "prod"),
        *versioned(service, "prod", IMAGE, pull_secret=True),
        *([task] if task else []),
    ]


def kinds(service: KubernetesServiceSpec) -> list[str]:
    return [each["kind"] for each in every(service)]


def workload(**changed: Any) -> dict[str, Any]:
    made: dict[str, Any] = versioned(
        replace(BOOK_SHOP, **changed), "prod", IMAGE, pull_secret=False
    )[-1]
    return made


@pytest.mark.parametrize("shape", SHAPES)
def test_a_manifest_is_the_golden_one(shape: str) -> None:
    text = json.dumps(every(SHAPES[shape]), indent=2) + "\n"
    assert_golden(f"kubernetes_{shape}.json", text)


def test_a_single_pod_has_no_budget_that_would_block_its_node() -> None:
    assert "PodDisruptionBudget" in kinds(BOOK_SHOP)
    assert "PodDisruptionBudget" not in kinds(replace(BOOK_SHOP, replicas=1))


def test_where_an_autoscaler_owns_the_number_the_deployment_names_none() -> None:
    assert workload()["spec"]["replicas"] == 2
    assert "replicas" not in workload(scale=Scale(least=1, most=3))["spec"]


def test_variables_of_two_versions_have_two_names() -> None:
    def source(**changed: Any) -> Any:
        pod = workload(**changed)["spec"]["template"]["spec"]
        return pod["containers"][0].get("envFrom")

    assert source() is None
    assert source(environment={"A": "1"}) != source(environment={"A": "2"})
    secret = replace(BOOK_SHOP, secrets={"DB": "parameter:/db"})
    again = replace(secret, secret_versions="parameter:/db#2")
    assert secret_name(secret) != secret_name(again), "a new value is another secret"


def test_the_manifests_do_not_depend_on_the_order_of_variables() -> None:
    one = replace(BOOK_SHOP, environment={"A": "1", "B": "2"})
    other = replace(BOOK_SHOP, environment={"B": "2", "A": "1"})
    assert every(one) == every(other)


def test_who_reaches_it_follows_from_how_it_is_published() -> None:
    def entries(**changed: Any) -> Any:
        made = surroundings(replace(BOOK_SHOP, **changed), "prod")
        return next(e for e in made if e["kind"] == "NetworkPolicy")["spec"]["ingress"]

    anybody = [{"ports": [{"port": "http", "protocol": "TCP"}]}]
    assert entries() == anybody
    assert entries(publish=None) == []
    assert entries(publish=None, host="a.example.com") == anybody
    (only,) = entries(publish=None, open_to=("front",))
    peers = [{"podSelector": {"matchLabels": {"app.kubernetes.io/name": "front"}}}]
    assert only["from"] == peers


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"publish": 8080}, "publish 8080; allowed: 30000 to 32767"),
        ({"port": None}, "`publish` needs `port`"),
        ({"user": 0}, "user 0 is root"),
        ({"replicas": 0}, "replicas 0"),
        ({"schedule": "* * * * *"}, "serves nothing"),
        ({"port": None, "publish": None, "health": None, "schedule": "@daily"}, "five fields"),
    ],
)
def test_what_a_cluster_would_refuse_is_refused_at_once(values: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        replace(BOOK_SHOP, **values)


@pytest.mark.parametrize("name", ["default", "kube-system", "a.b", "A", "-a", "a" * 64, ""])
def test_a_namespace_of_the_cluster_itself_or_none_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="is not a namespace of ours"):
        namespace_object(name)
