"""What a service of a cluster registers, property by property."""

from __future__ import annotations

import json
from typing import Any

import pytest

from components.documents.kubernetes.bundle import surroundings, versioned
from components.documents.kubernetes.namespace import namespace_object
from components.documents.kubernetes.spec import KubernetesServiceSpec, Scale
from components.kubernetes_cluster import KubernetesCluster, KubernetesClusterArgs
from components.microk8s_app import MicroK8sApp, MicroK8sAppArgs
from tests.engine import SECRET, Recording, build, is_secret, outputs_of
from tests.unit.test_components_ecs import DIGEST, image

REF = f"127.0.0.1:4510/local/book-shop:v1@{DIGEST}"
ID = "0a1b2c3d-0000-0000-0000-000000000000"
ROLLOUT = "rollout:index:KubernetesRollout"
PROVIDER = "pulumi:providers:kubernetes"
TOKENS = {
    "ServiceAccount": "kubernetes:core/v1:ServiceAccount",
    "Service": "kubernetes:core/v1:Service",
    "Ingress": "kubernetes:networking.k8s.io/v1:Ingress",
    "NetworkPolicy": "kubernetes:networking.k8s.io/v1:NetworkPolicy",
    "HorizontalPodAutoscaler": "kubernetes:autoscaling/v2:HorizontalPodAutoscaler",
    "PodDisruptionBudget": "kubernetes:policy/v1:PodDisruptionBudget",
}
WHOLE: dict[str, Any] = {
    "host": "shop.example.com",
    "tls_secret": "shop-tls",
    "scale": Scale(least=2, most=5),
    "environment": {"MODE": "fast"},
    "before": ("python3", "migrate.py"),
}


def spec(**service: Any) -> KubernetesServiceSpec:
    return KubernetesServiceSpec(**{"name": "shop", "port": 8000, **service})


def program(*, name: str = "shop", login: bool = True, **service: Any) -> MicroK8sApp:
    cluster = KubernetesCluster(
        f"{name}-cluster",
        KubernetesClusterArgs(
            kubeconfig="kind: Config", cluster_id=ID, node="10.0.0.7", namespace="prod"
        ),
    )
    args = MicroK8sAppArgs(service=spec(**service), image=image(REF), cluster=cluster, login=login)
    return MicroK8sApp(name, args)


def shop(*, preview: bool = False, **values: Any) -> Recording:
    return build(lambda: outputs_of(program(**values)), preview=preview)


def test_every_child_has_a_component_as_parent_and_a_name_that_begins_like_its_own() -> None:
    recording = shop(**WHOLE)
    names = {each.urn: each.name for each in recording.components()}
    for child in recording.resources:
        if child.custom:
            assert child.parent in names, child.urn
            assert child.name.startswith(names[child.parent]), child.urn
    for component in recording.components():
        assert recording.registered_outputs.get(component.urn), component.urn


def test_two_services_live_in_one_stack() -> None:
    recording = build(lambda: [program().digest, program(name="other").digest])
    assert len(recording.of(ROLLOUT)) == 2


def test_a_preview_registers_everything_that_the_update_does() -> None:
    previewed, done = shop(preview=True, **WHOLE), shop(**WHOLE)
    assert {each.urn for each in previewed.resources} == {each.urn for each in done.resources}


OURS = {"pulumi.com/patchFieldManager": "slipway"}
"""Both deliveries write as one manager of fields."""


@pytest.mark.parametrize("service", [{}, WHOLE, {"publish": 30080, "replicas": 1}])
def test_the_surroundings_are_the_pure_documents_word_by_word(service: dict[str, Any]) -> None:
    recording = shop(**service)
    documents = {each["kind"]: each for each in surroundings(spec(**service), "prod")}
    assert {token for token in TOKENS.values() if recording.of(token)} == {
        TOKENS[kind] for kind in documents
    }
    for kind, document in documents.items():
        inputs = dict(recording.one(TOKENS[kind]).inputs)
        inputs["metadata"] = dict(inputs["metadata"])
        notes = inputs["metadata"].pop("annotations", {})
        waits = {"pulumi.com/skipAwait": "true"} if kind in ("Service", "Ingress") else {}
        assert notes == {**OURS, **waits}
        assert inputs == document


def test_the_namespace_is_restricted_and_the_kubeconfig_a_secret() -> None:
    recording = shop()
    namespace = recording.one("kubernetes:core/v1:Namespace").inputs
    assert namespace["metadata"] == {**namespace_object("prod")["metadata"], "annotations": OURS}
    provider = recording.one(PROVIDER).inputs
    assert provider["clusterIdentifier"] == ID
    for inputs in (provider, recording.one(ROLLOUT).inputs):
        assert is_secret(inputs["kubeconfig"])
        assert inputs["kubeconfig"]["value"] == "kind: Config"
        assert SECRET in inputs["kubeconfig"]


def test_the_rollout_gets_what_it_switches_and_who_owns_it() -> None:
    recording = shop(**WHOLE, secrets={"DB": "parameter:/db"}, secret_versions="parameter:/db#3")
    inputs = recording.one(ROLLOUT).inputs
    wanted = spec(**WHOLE, secrets={"DB": "parameter:/db"}, secret_versions="parameter:/db#3")
    assert json.loads(inputs["manifests"]) == versioned(wanted, "prod", REF, pull_secret=True)
    assert (inputs["image"], inputs["digest"]) == (REF, DIGEST)
    assert inputs["owner"] == "uid-of-shop-account"
    assert inputs["login"] is True
    assert inputs["references"] == {"DB": "parameter:/db"}
    assert inputs["parameters"] == "parameter:/db#3"
    assert inputs["secret"].startswith("shop-secrets-")
    assert json.loads(inputs["before"])["kind"] == "Job"
    around = {recording.one(token).urn for token in TOKENS.values()}
    assert around <= recording.one(ROLLOUT).dependencies, "what the API refuses comes first"


def test_without_a_login_pods_name_no_secret_to_pull_with() -> None:
    text = shop(login=False).one(ROLLOUT).inputs["manifests"]
    assert "imagePullSecrets" not in text


@pytest.mark.parametrize(
    ("service", "expected"),
    [
        ({"publish": 30080}, "http://10.0.0.7:30080"),
        ({"host": "a.example.com"}, "http://a.example.com"),
        ({"host": "a.example.com", "tls_secret": "t"}, "https://a.example.com"),
        ({}, None),
        ({"port": None, "schedule": "0 3 * * *"}, None),
    ],
)
def test_its_address_is_where_it_is_reached(service: dict[str, Any], expected: str | None) -> None:
    assert shop(**service).result.get("url") == expected


def test_it_gives_back_what_runs() -> None:
    result = shop().result
    assert result["digest"] == DIGEST
    assert result["verdict"] == f"running {DIGEST}"
    assert result["version"] == "v1"
