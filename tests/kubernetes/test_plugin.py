"""Programs of pulumi_kubernetes with the offline plugin, the real engine and the real node."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from localcloud.kubernetes.node import Node
from tests.kubernetes.app import App
from tests.kubernetes.stack import WHOLE, Program

SMALL = """
settings = k8s.core.v1.ConfigMap("settings", metadata=at("shop"),
    data={"MODE": knobs.get("mode", "calm")}, opts=within)
named = k8s.core.v1.ConfigMap("named", metadata={"namespace": namespace},
    data={"MODE": knobs.get("mode", "calm")}, opts=within)
login = k8s.core.v1.Secret("login", metadata=at("login"),
    string_data={"PASSWORD": "correct-horse-9"}, opts=within)
service = k8s.core.v1.Service("service", metadata=at("shop", annotations=ALONE), spec={
    "selector": labels, "ports": [{"port": 80, "target_port": 8000}]}, opts=within)
fence = k8s.networking.v1.NetworkPolicy("fence", metadata=at("shop"), spec={
    "pod_selector": {"match_labels": labels}, "policy_types": ["Ingress"],
    "ingress": [{"ports": [{"port": knobs.get("port", 8000)}]}]}, opts=within)
pulumi.export("named", named.metadata.name)
"""
Laid = Callable[..., Program]


@pytest.fixture
def laid(node: Node, tmp_path: Path) -> Iterator[Laid]:
    """Lays out a program in a namespace that exists, unless it is the program's own."""
    names: list[str] = []

    def lay(text: str, *, namespace: bool = True, **knobs: Any) -> Program:
        name = f"plugin-{uuid.uuid4().hex[:6]}"
        names.append(name)
        if namespace:
            node.kubectl("create", "namespace", name)
        return Program.laid(tmp_path, node, name, text, **knobs)

    yield lay
    for name in names:
        node.kubectl("delete", "namespace", name, "--wait=false", "--ignore-not-found")


def test_all_kinds_of_a_service_are_made_stay_change_and_go(laid: Laid, app: App) -> None:
    program = laid(WHOLE, namespace=False, image=app.reference("v1"), login=app.login())
    assert "14 to create" in program.preview().ok()
    assert program.namespace not in program.node.kubectl("get", "namespaces", "--output=name")
    assert "14 created" in program.up().ok()
    made, told = program.versions(), program.outputs()
    assert len(made) >= 12
    address = program.kubectl("get", "service/shop", "--output=jsonpath={.spec.clusterIP}")
    owner = program.kubectl("get", "serviceaccount/shop", "--output=jsonpath={.metadata.uid}")
    assert (told["address"], told["owner"]) == (address, owner)

    for again in (program.preview(), program.up(), program.pulumi("refresh", "--yes")):
        assert "14 unchanged" in again.ok()
    still = program.versions()
    moving = {"HorizontalPodAutoscaler/shop"}  # its controller writes its status for ever
    assert {name for name in made if made[name] != still[name]} <= moving

    turned = {"most": 3, "more": {"tier": "web"}}
    assert "2 to update" in program.preview(**turned).ok()
    changed = program.up().ok()
    assert "2 updated" in changed
    assert "maxReplicas: 2 => 3" in changed
    assert 'tier: "web"' in changed
    assert "14 unchanged" in program.up().ok()

    program.destroy().ok()
    assert program.namespace not in program.node.kubectl("get", "namespaces", "--output=name")


def test_what_can_not_change_is_replaced_and_a_given_name_is_freed_first(laid: Laid) -> None:
    program = laid(SMALL)
    program.up().ok()
    before = program.outputs()["named"]
    assert "2 to replace" in program.preview(mode="wild").ok()
    assert "2 replaced" in program.up().ok()
    assert program.outputs()["named"] != before, "the other one is made first, by another name"
    listed = program.kubectl("get", "configmaps", "--output=name")
    assert before not in listed
    data = program.kubectl("get", "configmap/shop", "--output=jsonpath={.data.MODE}")
    assert data == "wild"


def test_a_change_by_hand_is_seen_by_a_refresh_and_made_good_by_an_update(laid: Laid) -> None:
    program = laid(SMALL)
    program.up().ok()
    opened = '[{"op": "add", "path": "/spec/ingress/0/ports/-", "value": {"port": 22}}]'
    program.kubectl("patch", "networkpolicy/shop", "--type=json", f"--patch={opened}")
    program.kubectl("label", "service/shop", "app.kubernetes.io/name=other", "--overwrite")
    program.kubectl("annotate", "service/shop", "somebody.example.com/note=mine")
    refreshed = program.pulumi("refresh", "--yes", "--diff").ok()
    assert "2 updated" in refreshed
    assert "mine" not in refreshed, "what the program does not speak of is not its own"
    assert "2 to update" in program.preview().ok()
    refused = program.up().refused()
    assert 'conflict with "kubectl-patch"' in refused
    assert ".spec.ingress" in refused
    assert "patchForce" in refused
    assert "3 updated" in program.up(force=True).ok(), "the provider is the third"
    ports = program.kubectl(
        "get", "networkpolicy/shop", "--output=jsonpath={.spec.ingress[0].ports[*].port}"
    )
    assert ports == "8000"
    note = "--output=jsonpath={.metadata.annotations.somebody\\.example\\.com/note}"
    assert program.kubectl("get", "service/shop", note) == "mine"


def test_a_field_that_the_program_drops_goes_from_the_object(laid: Laid) -> None:
    text = SMALL.replace('"policy_types": ["Ingress"],', '"policy_types": knobs.get("types"),')
    program = laid(text, types=["Ingress", "Egress"])
    program.up().ok()
    assert "1 updated" in program.up(types=None).ok()
    types = program.kubectl("get", "networkpolicy/shop", "--output=jsonpath={.spec.policyTypes}")
    assert json.loads(types) == ["Ingress"], "the default of the API"


def test_what_was_deleted_by_hand_is_told_and_made_again_after_a_refresh(laid: Laid) -> None:
    program = laid(SMALL)
    program.up().ok()
    program.kubectl("delete", "networkpolicy/shop")
    said = program.up(port=8001).refused()
    assert "is not there any more" in said
    assert "pulumi refresh" in said
    assert "1 deleted" in program.pulumi("refresh", "--yes").ok()
    assert "1 created" in program.up().ok()
    assert "1 created" not in program.up().ok()


def test_values_of_secrets_are_in_no_log_and_not_plain_in_the_state(laid: Laid) -> None:
    program = laid(SMALL)
    encoded = "Y29ycmVjdC1ob3JzZS05"
    printed = program.preview().ok() + program.up().ok()
    program.kubectl("label", "secret/login", "app.kubernetes.io/name=other", "--overwrite")
    printed += program.pulumi("refresh", "--yes", "--diff").ok() + program.preview().ok()
    for text in (printed, program.state()):
        assert "correct-horse-9" not in text
        assert encoded not in text
        assert program.knobs["kubeconfig"].split("token: ")[1].split()[0] not in text
    held = program.kubectl("get", "secret/login", "--output=jsonpath={.data.PASSWORD}")
    assert held == encoded


def test_an_object_that_is_there_already_is_refused_unless_it_is_to_be_taken_over(
    laid: Laid,
) -> None:
    program = laid(SMALL)
    program.kubectl("create", "configmap", "shop", "--from-literal=MODE=theirs")
    said = program.up().refused()
    assert 'configmaps "shop" already exists' in said
    assert "pulumi import" in said
    held = program.kubectl("get", "configmap/shop", "--output=jsonpath={.data.MODE}")
    assert held == "theirs"
    program.up(upsert=True).ok()
    held = program.kubectl("get", "configmap/shop", "--output=jsonpath={.data.MODE}")
    assert held == "calm"


def test_an_object_that_is_there_is_imported_as_it_is(laid: Laid) -> None:
    program = laid("")
    program.kubectl("create", "configmap", "theirs", "--from-literal=MODE=theirs")
    program.up().ok()
    identity = f"{program.namespace}/theirs"
    done = program.pulumi(
        *("import", "kubernetes:core/v1:ConfigMap", "theirs", identity, "--yes"),
        *("--generate-code=false", "--protect=false", "--provider"),
        *("cluster=" + _urn(program, "cluster"),),
    )
    assert "1 imported" in done.ok()


def _urn(program: Program, name: str) -> str:
    resources = json.loads(program.state())["deployment"]["resources"]
    return str(next(each["urn"] for each in resources if each["urn"].endswith(f"::{name}")))
