"""What the offline kubernetes plugin says when something can't be, and what the state keeps."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.kubernetes.app import App
from tests.kubernetes.stack import Program
from tests.kubernetes.test_plugin import SMALL, Laid, laid

__all__ = ["laid"]

_SOMEWHERE = """apiVersion: v1
kind: Config
current-context: it
clusters: [{name: it, cluster: {server: "http://ADDRESS"}}]
contexts: [{name: it, context: {cluster: it, user: me}}]
users: [{name: me, user: {token: "none"}}]
"""
DEPLOYMENT = """
login = k8s.core.v1.Secret(
    "login", metadata=at("registry"), type="kubernetes.io/dockerconfigjson",
    string_data={".dockerconfigjson": knobs["login"]}, opts=within)
shop = k8s.apps.v1.Deployment("shop", metadata=at("shop", annotations=knobs.get("notes")), spec={
    "selector": {"match_labels": labels}, "progress_deadline_seconds": knobs["patience"],
    "template": {"metadata": {"labels": labels}, "spec": {
        "image_pull_secrets": [{"name": "registry"}], "termination_grace_period_seconds": 1,
        "containers": [{"name": "shop", "image": knobs["image"],
            "readiness_probe": {"http_get": {"path": "/healthz", "port": 8000},
                "period_seconds": 1}}]}}},
    opts=by(provider=provider, depends_on=[login]))
"""


def resources(program: Program) -> list[dict[str, Any]]:
    """What the state has of the cluster."""
    found: list[dict[str, Any]] = json.loads(program.state())["deployment"].get("resources", [])
    return [each for each in found if each["type"].startswith("kubernetes:")]


class _Nothing(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_error(404)

    do_POST = do_PATCH = do_DELETE = do_GET  # noqa: N815 -- the names are the protocol's

    def log_message(self, *words: Any) -> None:
        pass


@contextmanager
def nowhere() -> Iterator[str]:
    """A server that has nothing."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Nothing)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()


def ids(program: Program) -> list[str]:
    return sorted(each["id"] for each in resources(program))


@pytest.mark.parametrize("change", ['"policy_type": ["Ingress"],', '"policy_types": "Ingress",'])
def test_a_wrong_property_is_named_in_a_preview_already(laid: Laid, change: str) -> None:
    program = laid(SMALL.replace('"policy_types": ["Ingress"],', change))
    for ran in (program.preview(), program.up()):
        said = ran.refused()
        assert "kubernetes:networking.k8s.io/v1:NetworkPolicy" in said
        assert "policy_type" in said or "policyTypes" in said or "string" in said
    assert "networkpolicy" not in program.kubectl("get", "networkpolicies", "--output=name")


def test_a_quota_refuses_in_its_own_words(laid: Laid) -> None:
    program = laid(SMALL)
    program.kubectl("create", "quota", "few", "--hard=count/configmaps=1")
    for ran in (program.preview(), program.up()):
        assert "exceeded quota: few" in ran.refused()
    program.kubectl("delete", "quota", "few")
    program.up().ok()


def test_a_deployment_that_never_gets_ready_is_kept_told_and_fixed(laid: Laid, app: App) -> None:
    program = laid(DEPLOYMENT, image=app.reference("sick"), login=app.login(), patience=4)
    said = program.up().refused()
    assert "0 of 1 pods ready" in said
    assert "progress" in said
    assert any(each["type"].endswith(":Deployment") for each in resources(program))
    assert "1 updated" in program.up(image=app.reference("v1")).ok()


def test_a_quota_on_pods_is_told_by_the_deployment_that_waits(laid: Laid, app: App) -> None:
    program = laid(
        DEPLOYMENT,
        image=app.reference("v1"),
        login=app.login(),
        patience=60,
        notes={"pulumi.com/timeoutSeconds": "3"},
    )
    program.kubectl("create", "quota", "none", "--hard=pods=0")
    said = program.up().refused()
    assert "after 3 s 0 of 1 pods ready" in said
    assert "exceeded quota: none" in said


@pytest.mark.long
def test_an_api_that_does_not_answer_is_told_and_nothing_is_dropped(laid: Laid) -> None:
    program = laid(SMALL)
    program.up().ok()
    before, kept = program.versions(), ids(program)
    gone = program.knobs["kubeconfig"].replace(":6443", ":6444")
    there = program.knobs["kubeconfig"]
    said = program.up(kubeconfig=gone, mode="wild", port=8001).refused()
    assert "does not answer" in said
    assert "Nothing was changed" in said
    assert program.versions() == before
    assert ids(program) == kept
    for words in (("refresh", "--yes"), ("destroy", "--yes", "--skip-preview")):
        assert "does not answer" in program.pulumi(*words).refused()
    assert ids(program) == kept
    program.up(kubeconfig=there, mode="calm", port=8000).ok()
    assert program.versions() == before


def test_something_that_answers_404_to_all_is_no_cluster_without_the_objects(laid: Laid) -> None:
    program = laid(SMALL)
    program.up().ok()
    kept = ids(program)
    with nowhere() as address:
        program.up(kubeconfig=_SOMEWHERE.replace("ADDRESS", address), port=8001).refused()
        said = program.pulumi("refresh", "--yes").refused()
    assert "does not answer as a Kubernetes API does: 404" in said
    assert ids(program) == kept


def test_another_cluster_is_shown_as_one_before_anything_changes(laid: Laid) -> None:
    program = laid(SMALL, cluster=None)
    program.up().ok()
    other = program.knobs["kubeconfig"].replace(":6443", ":6444")
    said = program.pulumi("preview", "--diff", "--refresh=false", kubeconfig=other)
    assert "+-pulumi:providers:kubernetes: (replace)" in said.text


def test_a_token_that_has_expired_is_told_and_nothing_is_dropped(laid: Laid) -> None:
    program = laid(SMALL)
    program.up().ok()
    before, kept = program.versions(), ids(program)
    good = program.knobs["kubeconfig"]
    token = good.split("token: ")[1].split()[0]
    bad = good.replace(token, "x" * len(token))
    assert "have expired" in program.up(kubeconfig=bad, port=8001).refused()
    for words in (("refresh", "--yes"), ("destroy", "--yes", "--skip-preview")):
        assert "have expired" in program.pulumi(*words).refused()
    assert program.versions() == before
    assert ids(program) == kept
    assert "unchanged" in program.up(kubeconfig=good, port=8000).ok()


def test_a_finalizer_that_holds_an_object_is_named_when_the_wait_is_over(laid: Laid) -> None:
    text = SMALL.replace("annotations=ALONE", 'annotations=knobs["notes"]')
    program = laid(text, notes={"pulumi.com/timeoutSeconds": "2"})
    assert "it targets no pods" in program.up().refused()
    held = '{"metadata": {"finalizers": ["example.com/held"]}}'
    program.kubectl("patch", "service/shop", "--type=merge", f"--patch={held}")
    said = program.destroy().refused()
    assert "held by its finalizers example.com/held" in said
    assert [each["type"] for each in resources(program)] == ["kubernetes:core/v1:Service"]
    program.kubectl(
        "patch", "service/shop", "--type=merge", '--patch={"metadata":{"finalizers":[]}}'
    )
    program.destroy().ok()
    assert resources(program) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("k8s.core.v1.ConfigMapPatch('p', metadata={'name': 'x'}, opts=within)", "no patches"),
        (
            "k8s.core.v1.ConfigMap('c', metadata=at('c', annotations={'pulumi.com/waitFor': 'x'}),"
            " opts=within)",
            "pulumi.com/waitFor is followed by the official plugin alone",
        ),
        (
            "k8s.apiextensions.CustomResource('c', api_version='a.example.com/v1', kind='Thing',"
            " metadata=at('c'), opts=within)",
            "has no kind Thing of a.example.com/v1",
        ),
    ],
)
def test_what_the_stand_in_does_not_know_is_refused_in_words(
    laid: Laid, text: str, words: str
) -> None:
    assert words in laid(text).up().refused()
