"""KubernetesRollout on the real node: what it switches, judges, puts back and finds changed."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from clients import ClientError
from components.documents.kubernetes.bundle import surroundings, versioned
from components.documents.kubernetes.namespace import namespace_object
from components.documents.kubernetes.spec import KubernetesServiceSpec, Scale
from components.documents.kubernetes.workload import task_before
from localcloud.kubernetes.node import Node
from provider.configured import Configuration, Configured
from provider.index_children import AskedImage
from provider.kubernetes_rollout import KubernetesRolloutError, KubernetesRolloutResource
from provider.policy import Switched
from provider.resource import Call, Old
from tests.estate import PROJECT
from tests.fakes.lines import Lines
from tests.kubernetes.app import App
from tests.ports import free_port

SHOP = KubernetesServiceSpec(name="shop", port=8000, health="/healthz", timeout=40, grace=10)


def configured_for(app: App) -> Configured:
    """The plugin as a stack of this cloud configures it, without records."""
    endpoints = {name: app.cloud.url for name in ("ecr", "ssm", "sts")}
    local = {"endpoints": endpoints, "access_key": "local", "secret_key": "local"}
    return Configured(Configuration.of({"region": "eu-west-1", **local}), PROJECT)


NOWHERE = "sha256:" + "0" * 64


class Bench:
    """One service in a namespace of its own."""

    def __init__(self, node: Node, app: App, namespace: str) -> None:
        self.node, self.app, self.namespace = node, app, namespace
        self.lines = Lines()
        self.call = Call("urn", self.lines, threading.Event())
        self.resource = KubernetesRolloutResource(configured_for(app), Switched())
        account = surroundings(SHOP, namespace)[0]
        node.kubectl("apply", "--filename", "-", given=json.dumps(account))
        made = self.kubectl("get", "serviceaccount/shop", "--output=json")
        self.owner = json.loads(made)["metadata"]["uid"]
        login = f"--from-literal=.dockerconfigjson={app.login()}"
        kind = "--type=kubernetes.io/dockerconfigjson"
        self.kubectl("create", "secret", "generic", "registry", kind, login)

    def kubectl(self, *words: str) -> str:
        return self.node.kubectl("--namespace", self.namespace, *words)

    def inputs(
        self, version: str, service: KubernetesServiceSpec = SHOP, **more: Any
    ) -> dict[str, Any]:
        image = self.app.reference(version)
        made = versioned(service, self.namespace, image, pull_secret=True)
        task = task_before(service, self.namespace, image, "shop-before", pull_secret=True)
        return {
            "service": "shop",
            "image": image,
            "digest": self.app.digests[version],
            "kubeconfig": self.node.kubeconfig,
            "namespace": self.namespace,
            "manifests": json.dumps(made),
            "owner": self.owner,
            "timeout": service.timeout,
            **({"before": json.dumps(task)} if task else {}),
            **more,
        }

    def up(self, wanted: dict[str, Any], old: Old | None = None) -> Old:
        outputs = self.resource.settle(self.call, wanted, old, False)[1]
        return Old(inputs=wanted, outputs=outputs)

    def fails(self, wanted: dict[str, Any], old: Old | None = None) -> str:
        with pytest.raises(KubernetesRolloutError) as error:
            self.up(wanted, old)
        return str(error.value)

    def diff(self, old: Old, wanted: dict[str, Any] | None = None) -> list[str]:
        return self.resource.diff(self.call, old, wanted or dict(old.inputs)).changed

    def images(self) -> set[str]:
        """Digests of the deployment's pods; a task before has a pod too."""
        pods = json.loads(self.kubectl("get", "pods", "--output=json"))["items"]
        return {
            each["status"]["containerStatuses"][0]["imageID"].rpartition("@")[2]
            for each in pods
            if not each["metadata"].get("deletionTimestamp")
            and each["metadata"]["ownerReferences"][0]["kind"] == "ReplicaSet"
        }

    def said(self, old: Old) -> list[str]:
        """What a preview says of it now."""
        self.diff(old)
        return self.lines.facts

    def version(self) -> str:
        found = self.kubectl("get", "deployment/shop", "--output=jsonpath={.metadata.generation}")
        return found


@pytest.fixture
def bench(node: Node, app: App) -> Iterator[Bench]:
    name = f"rollout-{uuid.uuid4().hex[:6]}"
    node.kubectl("apply", "--filename", "-", given=json.dumps(namespace_object(name)))
    yield Bench(node, app, name)
    node.kubectl("delete", "namespace", name, "--wait=false")


def test_the_pods_run_the_asked_digest_and_the_same_again_is_no_diff(bench: Bench) -> None:
    made = bench.up(bench.inputs("v1"))
    digest = bench.app.digests["v1"]
    assert made.outputs["verdict"] == f"running {digest}"
    assert set(made.outputs["running"].values()) == {digest} == bench.images()
    assert len(made.outputs["running"]) == 2
    before = bench.version()
    assert bench.diff(made) == []
    assert bench.version() == before


@pytest.mark.fault(13, "pods are never ready")
def test_a_sick_version_is_put_back_then_the_fix_is_taken(bench: Bench) -> None:
    first = bench.up(bench.inputs("v1"))
    sick = {**bench.inputs("sick"), "timeout": 8}
    said = bench.fails(sick, first)
    assert f"put back to {bench.app.digests['v1']}" in said
    assert "timed out after 8 s" in said
    assert "serving sick" in said, "the log of the pod is shown"
    assert "503" in said, "the events of the pod are shown"
    assert bench.images() == {bench.app.digests["v1"]}
    assert bench.diff(first) == [], "what runs is what the state says"
    fixed = bench.up(bench.inputs("v2"), first)
    assert fixed.outputs["verdict"] == f"running {bench.app.digests['v2']}"
    assert bench.diff(fixed) == []


def test_a_first_version_that_fails_leaves_nothing(bench: Bench) -> None:
    said = bench.fails({**bench.inputs("sick"), "timeout": 6})
    assert "nothing ran before" in said
    assert bench.kubectl("get", "deployments", "--output=name") == ""


def test_what_was_changed_by_hand_is_a_diff_that_an_update_repairs(bench: Bench) -> None:
    made = bench.up(bench.inputs("v1"))
    bench.kubectl("set", "image", "deployment/shop", f"shop={bench.app.reference('v2')}")
    assert bench.diff(made) == ["deployed_digest"]
    assert any("is told to run" in line for line in bench.lines.facts)
    made = bench.up(bench.inputs("v1"), made)
    assert bench.images() == {bench.app.digests["v1"]}
    bench.kubectl("scale", "deployment/shop", "--replicas=1")
    assert bench.diff(made) == ["deployed_digest"]
    assert any("spec.replicas (2 became 1)" in line for line in bench.lines.facts)
    bench.kubectl("delete", "deployment/shop")
    assert bench.diff(made) == ["deployed_digest"]
    made = bench.up(bench.inputs("v1"), made)
    assert bench.diff(made) == []


def test_the_task_before_comes_first_and_stops_the_rollout_if_it_fails(bench: Bench) -> None:
    good = replace(SHOP, before=("python3", "-c", "print('moved')"))
    made = bench.up(bench.inputs("v1", good))
    assert "job" in bench.kubectl("get", "jobs", "--output=name")
    bad = replace(SHOP, before=("python3", "-c", "raise SystemExit('no such table')"))
    said = bench.fails(bench.inputs("v2", bad), made)
    assert f"still runs {bench.app.digests['v1']}" in said
    assert "no such table" in said
    assert bench.images() == {bench.app.digests["v1"]}


def test_variables_of_a_version_stay_until_nobody_reads_them(bench: Bench) -> None:
    def with_mode(mode: str) -> dict[str, Any]:
        return bench.inputs("v1", replace(SHOP, environment={"MODE": mode}))

    made = bench.up(with_mode("one"))
    said = bench.fails({**with_mode("two"), "image": made.inputs["image"], "timeout": 1}, made)
    assert "put back" in said
    made = bench.up(with_mode("three"), made)
    maps = bench.kubectl("get", "configmaps", "--selector=app.kubernetes.io/name=shop")
    assert maps.count("shop-") >= 2, "the history reads the one before"


@pytest.mark.parametrize("crash", ["exit", "pull"])
@pytest.mark.fault(37, "pods that end at once, images that can't be pulled")
def test_what_can_not_succeed_is_given_up_before_the_time_is_over(bench: Bench, crash: str) -> None:
    made = bench.up(bench.inputs("v1"))
    wanted = bench.inputs("v2")
    if crash == "exit":
        document = json.loads(wanted["manifests"])
        pod = document[-1]["spec"]["template"]["spec"]
        pod["containers"][0]["command"] = ["python3", "-c", "raise SystemExit(7)"]
        wanted["manifests"] = json.dumps(document)
    else:
        wanted["manifests"] = wanted["manifests"].replace(bench.app.digests["v2"], NOWHERE)
    said = bench.fails({**wanted, "timeout": 120}, made)
    assert "timed out" not in said
    assert ("exit code 7" if crash == "exit" else "can't be pulled") in said
    assert bench.images() == {bench.app.digests["v1"]}


@pytest.mark.fault(15, "the image of a deployment is gone")
def test_a_digest_that_the_registry_does_not_have_is_refused_before_anything(
    bench: Bench,
) -> None:
    made = bench.up(bench.inputs("v1"))
    before, digest = bench.version(), bench.app.digests["v2"]
    wanted = {
        name: value.replace(digest, NOWHERE) if isinstance(value, str) else value
        for name, value in bench.inputs("v2").items()
    }
    said = bench.fails(wanted, made)
    assert f"still runs {bench.app.digests['v1']}" in said
    assert f"there is no {NOWHERE}" in said
    assert bench.version() == before, "the cluster was not told of it"


@pytest.mark.fault(37, "a quota without room for pods")
def test_a_quota_that_leaves_no_room_is_told_in_the_words_of_the_api(bench: Bench) -> None:
    bench.kubectl("create", "quota", "small", "--hard=pods=1")
    said = bench.fails({**bench.inputs("v1"), "timeout": 30})
    assert "exceeded quota: small" in said
    assert "Traceback" not in said


def test_a_cluster_that_does_not_answer_is_an_error_and_no_drift(bench: Bench) -> None:
    made = bench.up(bench.inputs("v1"))
    gone = bench.node.kubeconfig.replace(":6443", ":6444")
    with pytest.raises(ClientError, match="does not answer"):
        bench.diff(made, {**made.inputs, "kubeconfig": gone})


def test_the_same_content_under_another_manifest_is_what_was_asked(bench: Bench) -> None:
    """The runtime knows an image by its configuration, and calls it by the first of its digests."""
    app, own = bench.app, {"author": uuid.uuid4().hex}

    def pushed(tag: str) -> str:
        return app.images.push("v1", tag, runs=own, annotations={"tag": tag})

    first = app.digests["one"] = pushed("one")
    made = bench.up(bench.inputs("one"))
    last = app.digests["last"] = next(d for n in range(200) if (d := pushed(f"{n}")) > first)
    again = bench.up(bench.inputs("last"), made)
    assert bench.images() == {first}, "or this test shows nothing"
    assert again.outputs["verdict"] == f"running {last}"
    assert bench.diff(again) == []


def test_a_repository_that_is_gone_does_not_hide_what_the_runtime_was_asked_for(
    bench: Bench,
) -> None:
    """The runtime calls the content by its name there, and nobody can look that up any more."""
    app = bench.app
    image = AskedImage(configured_for(app), app.reference("v1"), app.digests["v1"])
    gone = f"127.0.0.1:{free_port()}/other@sha256:{'2' * 64}"
    assert image.holds(gone, app.digests["v1"])
    assert not image.holds(gone, app.digests["v2"])
    assert not image.holds(gone)


def test_an_image_for_another_processor_is_not_switched_to(bench: Bench) -> None:
    made = bench.up(bench.inputs("v1"))
    app, before = bench.app, bench.version()
    app.digests["arm"] = app.images.push("v1", "arm", architecture="arm64")
    said = bench.fails(bench.inputs("arm"), made)
    assert "the image is for linux/arm64, and the nodes of the cluster run linux/amd64" in said
    assert f"still runs {app.digests['v1']}" in said
    assert bench.version() == before


def test_an_account_that_somebody_has_deleted_is_told_with_the_way_out(bench: Bench) -> None:
    made = bench.up(bench.inputs("v1"))
    bench.kubectl("delete", "serviceaccount/shop")
    assert "pulumi up --refresh" in bench.fails(bench.inputs("v2"), made)


def test_an_autoscaler_takes_the_number_over_as_it_is(bench: Bench) -> None:
    made = bench.up(bench.inputs("v1", replace(SHOP, replicas=3)))
    scaled = replace(SHOP, scale=Scale(least=1, most=5))
    made = bench.up(bench.inputs("v1", scaled), made)
    replicas = ("get", "deployment/shop", "--output=jsonpath={.spec.replicas}")
    assert bench.kubectl(*replicas) == "3"
    bench.kubectl("scale", "deployment/shop", "--replicas=2")
    assert bench.diff(made) == [], "its number is no drift"
    made = bench.up(bench.inputs("v2", scaled), made)
    assert bench.kubectl(*replicas) == "2"
    bench.up(bench.inputs("v2"), made)
    assert bench.kubectl(*replicas) == "2"


def test_what_runs_by_the_clock_is_scheduled_and_nothing_is_waited_for(bench: Bench) -> None:
    nightly = KubernetesServiceSpec(name="shop", schedule="0 3 * * *")
    made = bench.up(bench.inputs("v1", nightly))
    assert made.outputs["verdict"] == f"scheduled {bench.app.digests['v1']}"
    assert bench.diff(made) == []
    bench.kubectl("patch", "cronjob/shop", '--patch={"spec":{"suspend":true}}')
    assert bench.diff(made) == []
    bench.kubectl("patch", "cronjob/shop", '--patch={"spec":{"schedule":"1 3 * * *"}}')
    assert bench.diff(made) == ["deployed_digest"], "another hour is a diff, a pause is not"
    made = bench.up(bench.inputs("v1", nightly), made)
    bench.kubectl("delete", "cronjob/shop")
    assert any("CronJob is not there" in line for line in bench.said(made))
