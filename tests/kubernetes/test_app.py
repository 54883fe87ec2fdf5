"""A service of a cluster by the whole program, from its first pod to its end.

The tests stand on each other, in this order. Cluster and engine are real.
"""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest

from localcloud.kubernetes.node import Node
from tests.e2e.test_targets import ACTIONS
from tests.estate import Estate
from tests.kubernetes import deliveries
from tests.kubernetes.shop import APP, SERVICE, Shop, writes
from tests.localcloud.cloud import Cloud
from tests.ports import free_port

PORT = 30211
OTHER = "paper-shop"
FIVE_LINES = {"target": "microk8s", "port": 8000, "publish": PORT, "health": "/healthz"}


@pytest.fixture(scope="module")
def shop(cloud: Cloud, node: Node, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A monorepo of one service; the stack's name is the namespace."""
    folder = tmp_path_factory.mktemp("microk8s")
    estate = Estate(folder, dict(os.environ), cloud.port, cloud.registry_port)
    stack = f"m-{free_port()}"
    top = estate.checkout(folder / "shop", (SERVICE,))
    # A runtime that has had the same content under another digest calls it by that one.
    source = top / APP
    source.write_text(f"{source.read_text()}# {stack}\n")
    estate.git("commit", "--quiet", "--all", "--message", "own", top=top)
    estate.write_stack(
        top,
        stack,
        registry={"kind": "ecr", "repository": f"{stack}/{{image}}", "create": True},
        bundles={"bucket": f"slipway-{stack}"},
        host=None,
        kubernetes={"delivery": "api"},
        services={SERVICE: {**FIVE_LINES, "timeout": 60, "grace": 10, "drain": 2}},
    )
    made = Shop(estate=estate, node=node, folder=top / "deploy", stack=stack, port=PORT)
    keep_kubeconfig(made, node.kubeconfig)
    yield made
    node.kubectl("delete", "namespace", stack, "--ignore-not-found", "--wait=false")


def keep_kubeconfig(shop: Shop, text: str) -> None:
    """As `microk8s config | pulumi config set --secret slipway:kubeconfig`."""
    shop.estate.select(shop.stack, shop.folder)
    file = shop.folder / "kubeconfig"
    file.write_text(text)
    command = f'pulumi config set --secret slipway:kubeconfig --stack {shop.stack} < "{file}"'
    shop.estate.run("bash", "-c", command, cwd=shop.folder).ok()
    file.unlink()


@contextmanager
def kubeconfig(shop: Shop, text: str) -> Iterator[None]:
    """The stack with another kubeconfig; after it with the right one."""
    keep_kubeconfig(shop, text)
    try:
        yield
    finally:
        keep_kubeconfig(shop, shop.node.kubeconfig)


def test_the_first_deploy_answers_on_the_port_of_the_node(shop: Shop) -> None:
    assert "MicroK8sApp" in shop.preview().ok()
    shop.up().ok()
    found = shop.service()
    assert found["verdict"] == f"running {found['digest']}"
    assert shop.images() == {found["digest"]}
    assert found["url"] == f"http://{shop.node.address}:{PORT}"
    assert shop.answer()["greeting"] == "Welcome to the book shop"


def test_the_state_holds_no_credential_that_can_be_read(shop: Shop) -> None:
    config = shop.node.kubeconfig
    token = config.partition("token:")[2].split()[0]
    text = shop.state() + (shop.folder / f"Pulumi.{shop.stack}.yaml").read_text()
    assert len(token) > 10
    assert token not in text
    assert "ciphertext" in text


def test_what_runs_is_told_beside_the_record_with_its_log_and_a_way_in(shop: Shop) -> None:
    digest = shop.service()["digest"].removeprefix("sha256:")[:12]
    said = shop.slipway("status", shop.stack).ok()
    assert f"{shop.stack}/{SERVICE}" in said
    assert digest in said
    assert "pods 2/2" in said
    assert "all 1 as recorded" in said
    printed = shop.slipway("logs", SERVICE, "--stack", shop.stack).ok()
    assert printed.count(f"{SERVICE} unknown listens on 8000") == 2, "that of each pod"
    words = shop.slipway("shell", SERVICE, "--stack", shop.stack).ok().split()
    assert words[:3] == ["kubectl", "--server", f"https://{shop.node.address}:6443"]
    inside = [each for each in words[3:-1] if each != "-it"]
    assert shop.node.kubectl(*inside, "/bin/sh", "-c", "echo inside") == "inside\n"
    shop.kubectl("scale", f"deployment/{SERVICE}", "--replicas=0")
    assert "no pod is wanted" in shop.slipway("status", shop.stack).refused()
    shop.up().ok()


def test_the_same_again_writes_nothing(shop: Shop) -> None:
    objects, asked, written = shop.objects(), shop.estate.counters(), writes(shop.node)
    assert "unchanged" in shop.up().ok()
    assert shop.objects() == objects
    assert writes(shop.node) == written
    after = shop.estate.counters()
    assert {name: after[name] - asked[name] for name in ACTIONS} == dict.fromkeys(ACTIONS, 0)


def test_a_sick_version_is_put_back_and_the_fix_is_deployed_after_it(
    shop: Shop, edited: Any
) -> None:
    deliveries.puts_a_sick_version_back(shop, edited)


def test_a_rollback_runs_the_older_digest_again_and_builds_nothing(shop: Shop, edited: Any) -> None:
    deliveries.goes_back_without_a_build(shop, edited)


@pytest.mark.long
def test_variables_are_a_change_like_any_other(shop: Shop) -> None:
    with shop.configured({"environment": {"IMAGE_TAG": "v9@sha256:0"}}):
        text = shop.up().ok()
        assert "its manifests changed" in text or "update" in text
        assert shop.answer("/version", version="v9")["version"] == "v9"
    shop.up().ok()
    assert shop.answer("/version", version="unknown")["version"] == "unknown"


def test_what_was_changed_by_hand_is_a_diff_with_its_reason_and_mended(shop: Shop) -> None:
    shop.up().ok()
    shop.kubectl("scale", f"deployment/{SERVICE}", "--replicas=1")
    assert "spec.replicas (2 became 1)" in shop.preview().ok()
    shop.up().ok()
    assert shop.replicas() == 2
    shop.kubectl("delete", f"deployment/{SERVICE}")
    assert "is not there any more" in shop.preview().ok()
    shop.up().ok()
    assert shop.images() == {shop.service()["digest"]}
    assert "unchanged" in shop.up().ok()


def test_the_stack_file_scales_and_then_an_autoscaler_keeps_what_there_is(shop: Shop) -> None:
    with shop.configured({"replicas": 3}):
        shop.up().ok()
        assert shop.replicas() == 3
    with shop.configured({"scale": {"least": 2, "most": 4}}):
        shop.up().ok()
        assert shop.replicas() == 3, "a deploy does not reset the number"
        shop.kubectl("scale", f"deployment/{SERVICE}", "--replicas=2")
        assert "unchanged" in shop.preview().ok()
        assert "KubernetesRollout" not in shop.preview().ok(), "the number is the autoscaler's"
    shop.up().ok()
    assert shop.replicas() == 2


@pytest.mark.long
def test_a_secret_is_read_at_the_rollout_and_a_new_value_makes_new_pods(shop: Shop) -> None:
    parameters = shop.estate.client("ssm")
    name = f"/{shop.stack}/version"
    parameters.put_parameter(Name=name, Value="hunter2@sha256:1", Type="SecureString")
    with shop.configured({"secrets": {"IMAGE_TAG": f"parameter:{name}"}}):
        shop.up().ok()
        assert shop.answer("/version", version="hunter2")["version"] == "hunter2"
        assert "hunter2" not in shop.state()
        assert "unchanged" in shop.up().ok()
        changed = {"Name": name, "Value": "hunter3@sha256:1", "Overwrite": True}
        parameters.put_parameter(**changed, Type="SecureString")
        assert "KubernetesRollout" in shop.preview().ok()
        shop.up().ok()
        assert shop.answer("/version", version="hunter3")["version"] == "hunter3"
    shop.up().ok()


@pytest.mark.fault(
    38, "a cluster out of reach", after=["test_the_first_deploy_answers_on_the_port_of_the_node"]
)
def test_a_cluster_that_does_not_answer_is_an_error_and_nothing_is_dropped(shop: Shop) -> None:
    objects, nowhere = shop.objects(), free_port()
    with kubeconfig(shop, shop.node.kubeconfig.replace(":6443", f":{nowhere}")):
        for run in (shop.preview, shop.up):
            text = run().refused()
            assert "does not answer" in text
            assert f":{nowhere}" in text
    assert shop.objects() == objects
    assert "unchanged" in shop.up().ok()


def test_an_expired_or_foreign_kubeconfig_is_refused_before_anything_is_done(shop: Shop) -> None:
    objects, right = shop.objects(), shop.node.kubeconfig
    token = right.partition("token:")[2].split()[0]
    with kubeconfig(shop, right.replace(token, "expired")):
        assert "expired or are another cluster's" in shop.up().refused()
    with kubeconfig(shop, "clusters: []"):
        assert "slipway:kubeconfig: the kubeconfig is none" in shop.up().refused()
    with shop.configured(kubernetes={"delivery": "api", "cluster": str(uuid.UUID(int=7))}):
        text = shop.up().refused()
    assert "belongs to the cluster 00000000-0000-0000-0000-000000000007" in text
    assert "Nothing was done" in text
    with shop.configured(kubeconfig=None):
        assert "need `kubeconfig`" in shop.up().refused()
    with shop.configured(kubeconfig=right):
        text = shop.up().refused()
    assert "as plain text" in text
    assert token not in text
    assert shop.objects() == objects


def test_the_cluster_of_the_first_update_is_remembered(shop: Shop) -> None:
    """The state is told to have been on another one."""
    text = shop.state()
    ours = shop.node.kubectl("get", "namespace", "kube-system", "--output=jsonpath={.metadata.uid}")
    before, changed = shop.folder / "before.json", shop.folder / "changed.json"
    before.write_text(text)
    changed.write_text(text.replace(ours, str(uuid.UUID(int=8))))
    words = ("stack", "import", "--stack", shop.stack, "--file")
    try:
        shop.estate.pulumi(*words, str(changed), cwd=shop.folder).ok()
        said = shop.preview().refused()
    finally:
        shop.estate.pulumi(*words, str(before), cwd=shop.folder).ok()
    assert f"belongs to the cluster {uuid.UUID(int=8)} (its last update)" in said
    assert f"say `cluster: {ours}`" in said


@pytest.mark.long
def test_a_quota_and_a_port_that_is_taken_are_told_in_the_words_of_the_api(
    shop: Shop, edited: Any
) -> None:
    deliveries.tells_what_the_api_refuses(shop, edited, taken=30299)


def test_an_image_for_another_processor_is_refused_before_the_switch(
    shop: Shop, edited: Any
) -> None:
    before = shop.service()["digest"]
    edited("HEALTHY = True", "HEALTHY = True  # elsewhere")
    with shop.configured(build={**shop.build(), "platforms": ["linux/arm64"]}):
        text = shop.up().refused()
    assert "the image is for linux/arm64, and the nodes of the cluster run linux/amd64" in text
    assert f"still runs {before}" in text
    assert shop.images() == {before}


@pytest.mark.long
@pytest.mark.fault(
    27,
    "the node's kubelet and API restart in a rollout",
    after=["test_the_first_deploy_answers_on_the_port_of_the_node"],
)
def test_a_node_and_an_api_that_restart_in_mid_rollout_only_delay_it(
    shop: Shop, edited: Any
) -> None:
    shop.up().ok()
    before = shop.images()
    edited("HEALTHY = True", "HEALTHY = True  # through a restart")
    with ThreadPoolExecutor(1) as pool:
        update = pool.submit(shop.up)
        deadline = time.monotonic() + 120
        while not (switching := len(shop.asked()) > 1) and time.monotonic() < deadline:
            time.sleep(0.1)
        shop.node.restart("kubelet")
        shop.node.restart("kube-apiserver")
        update.result().ok()
    assert switching, "or this test shows nothing"
    assert shop.images() == {shop.service()["digest"]} != before
    assert "unchanged" in shop.up().ok()


@pytest.mark.long
def test_a_service_that_is_removed_takes_all_of_it_along(shop: Shop) -> None:
    shop.up().ok()
    with shop.configured(services={OTHER: {**FIVE_LINES, "image": SERVICE, "publish": PORT + 1}}):
        text = shop.up().ok()
        assert f"{SERVICE} seems to become {OTHER}" in text
        deadline = time.monotonic() + 30
        while left := {each for each in shop.objects() if each.split("/")[1].startswith(SERVICE)}:
            assert time.monotonic() < deadline, f"still there: {left}"
            time.sleep(0.2)
        assert shop.service(OTHER)["verdict"].startswith("running sha256:")


def test_destroying_the_stack_leaves_no_namespace(shop: Shop) -> None:
    words = ("destroy", "--stack", shop.stack, "--yes", "--skip-preview")
    shop.estate.pulumi(*words, cwd=shop.folder).ok()
    assert shop.node.kubectl("get", "namespace", shop.stack, "--ignore-not-found") == ""
