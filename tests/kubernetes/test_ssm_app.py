"""A service of a host's MicroK8s by the whole program; the API is spoken to by the host alone.

The tests stand on each other, in this order. Cluster and engine are real.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from localcloud.kubernetes.node import Node
from tests.kubernetes import deliveries
from tests.kubernetes.shop import SERVICE, Shop, writes
from tests.kubernetes.ssm_estate import laid, on_host
from tests.localcloud.cloud import Cloud

PORT = 30311


@pytest.fixture(scope="module")
def shop(cloud: Cloud, node: Node, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A monorepo of one service, and a machine that the stack makes."""
    yield from laid(cloud, node, tmp_path_factory.mktemp("ssm"), PORT)


def test_five_lines_are_deployed_by_the_host(shop: Shop) -> None:
    assert "MicroK8sHostApp" in shop.preview().ok()
    shop.up().ok()
    found = shop.service()
    assert found["verdict"] == f"running {found['digest']}"
    assert shop.images() == {found["digest"]}
    assert found["url"].endswith(f":{PORT}")
    assert shop.answer()["greeting"] == "Welcome to the book shop"


def test_the_same_again_sends_no_command_and_writes_nothing(shop: Shop) -> None:
    objects, asked, written = shop.objects(), shop.estate.counters(), writes(shop.node)
    assert "unchanged" in shop.up().ok()
    assert shop.objects() == objects
    assert writes(shop.node) == written
    assert shop.estate.counters()["ssm_commands"] == asked["ssm_commands"]


def test_a_sick_version_is_put_back_and_the_fix_is_deployed_after_it(
    shop: Shop, edited: Any
) -> None:
    text = deliveries.puts_a_sick_version_back(shop, edited)
    assert "Unhealthy: Startup probe failed" in text, "the pod's events"


@pytest.mark.long
def test_a_rollback_runs_the_older_digest_again_and_builds_nothing(shop: Shop, edited: Any) -> None:
    deliveries.goes_back_without_a_build(shop, edited)


@pytest.mark.long
def test_variables_are_a_change_that_a_preview_shows(shop: Shop) -> None:
    shop.up().ok()
    with shop.configured({"environment": {"IMAGE_TAG": "v9@sha256:0"}}):
        assert "v9@sha256:0" in shop.preview("--diff").ok()
        shop.up().ok()
        assert shop.answer("/version", version="v9")["version"] == "v9"
    shop.up().ok()
    assert shop.answer("/version", version="unknown")["version"] == "unknown"


@pytest.mark.long
def test_what_was_changed_by_hand_is_found_by_a_refresh_and_mended(shop: Shop) -> None:
    shop.up().ok()
    shop.kubectl("scale", f"deployment/{SERVICE}", "--replicas=1")
    text = shop.up("--refresh").ok()
    assert "Deployment: -replicas: 1 +replicas: 2" in text
    assert shop.replicas() == 2
    shop.kubectl("delete", f"deployment/{SERVICE}", f"service/{SERVICE}")
    shop.up("--refresh").ok()
    assert shop.images() == {shop.service()["digest"]}
    assert shop.answer()["greeting"] == "Welcome to the book shop"
    assert "unchanged" in shop.up("--refresh").ok()


@pytest.mark.long
def test_what_a_release_has_no_more_is_deleted_and_foreign_objects_stay(shop: Shop) -> None:
    own = f"app.kubernetes.io/name={SERVICE},app.kubernetes.io/managed-by=slipway"
    shop.kubectl("create", "configmap", "by-hand", "--from-literal=a=b")
    shop.kubectl("label", "configmap", "by-hand", *own.split(","))
    with shop.configured({"host": "shop.example.com", "replicas": 3}):
        shop.up().ok()
        assert shop.replicas() == 3
        assert f"Ingress/{SERVICE}" in shop.objects()
        assert f"PodDisruptionBudget/{SERVICE}" in shop.objects()
    with shop.configured({"replicas": 1}):
        shop.up().ok()
        assert not {f"Ingress/{SERVICE}", f"PodDisruptionBudget/{SERVICE}"} & set(shop.objects())
        assert "ConfigMap/by-hand" in shop.objects(), "another manager has made it"
    shop.up().ok()


@pytest.mark.long
def test_an_autoscaler_keeps_what_there_is(shop: Shop) -> None:
    with shop.configured({"replicas": 3}):
        shop.up().ok()
    with shop.configured({"scale": {"least": 2, "most": 4}}):
        shop.up().ok()
        assert shop.replicas() == 3, "a deploy does not reset the number"
        shop.kubectl("scale", f"deployment/{SERVICE}", "--replicas=2")
        assert "unchanged" in shop.up("--refresh").ok(), "the number is the autoscaler's"
    shop.up().ok()
    assert shop.replicas() == 2


def test_a_secret_is_made_on_the_host_and_its_value_is_nowhere_else(
    shop: Shop, cloud: Cloud
) -> None:
    parameters = shop.estate.client("ssm")
    name = f"/{shop.stack}/version"
    parameters.put_parameter(Name=name, Value="hunter2@sha256:1", Type="SecureString")
    with shop.configured({"secrets": {"IMAGE_TAG": f"parameter:{name}"}}):
        shop.up().ok()
        assert shop.answer("/version", version="hunter2")["version"] == "hunter2"
        assert "unchanged" in shop.up().ok()
        changed = {"Name": name, "Value": "hunter3@sha256:1", "Overwrite": True}
        parameters.put_parameter(**changed, Type="SecureString")
        shop.up().ok()
        assert shop.answer("/version", version="hunter3")["version"] == "hunter3"
    told = shop.state() + stored(shop)
    assert "hunter" not in told
    assert len(told) > 10_000
    assert "hunter" not in on_host(cloud, shop, "grep -r hunter /var/lib/slipway /etc/systemd /run")
    shop.up().ok()
    secrets = [each for each in shop.objects() if each.startswith("Secret/")]
    assert len(secrets) <= 4, "the login, and those that a replica set of the history reads"


def test_an_unknown_parameter_is_refused_before_anything_is_done(shop: Shop) -> None:
    objects, asked = shop.objects(), shop.estate.counters()["ssm_commands"]
    with shop.configured({"secrets": {"IMAGE_TAG": "parameter:/no/such"}}):
        text = shop.up().refused()
    assert "/no/such" in text
    with shop.configured({"secrets": {"IMAGE_TAG": "secret:shop:key"}}):
        assert "can't be read on the host" in shop.up().refused()
    assert (shop.objects(), shop.estate.counters()["ssm_commands"]) == (objects, asked)


@pytest.mark.long
def test_a_quota_and_a_port_that_is_taken_are_told_in_the_words_of_the_api(
    shop: Shop, edited: Any
) -> None:
    deliveries.tells_what_the_api_refuses(shop, edited, taken=30399)


@pytest.mark.long
def test_an_image_for_another_processor_is_put_back_and_says_so(shop: Shop, edited: Any) -> None:
    before = shop.service()["digest"]
    edited("HEALTHY = True", "HEALTHY = True  # elsewhere")
    with shop.configured(build={**shop.build(), "platforms": ["linux/arm64"]}):
        text = shop.up().refused()
    assert "the image is for another processor than this node, amd64" in text
    assert f"put back to {before}" in text
    assert shop.images() == {before}


@pytest.mark.long
def test_a_task_before_it_that_fails_leaves_all_as_it_was(shop: Shop) -> None:
    shop.up().ok()
    objects = {name for name in shop.objects() if not name.startswith(("Job/", "ConfigMap/"))}
    with shop.configured({"before": ["python3", "-c", "raise SystemExit('no such table')"]}):
        text = shop.up().refused()
    assert "no such table" in text
    assert "still runs" in text
    with shop.configured({"before": ["python3", "-c", "print('migrated')"]}):
        shop.up().ok()
    assert {n for n in shop.objects() if not n.startswith(("Job/", "ConfigMap/"))} == objects
    shop.up().ok()


def test_the_login_of_the_registry_is_renewed_by_a_timer(shop: Shop, cloud: Cloud) -> None:
    unit = f"slipway-login-{shop.stack}-{SERVICE}"
    assert on_host(cloud, shop, f"systemctl is-active {unit}.timer").strip() == "active"
    before = shop.kubectl("get", "secret", "registry", "--output=jsonpath={.data}")
    shop.kubectl("delete", "secret", "registry")
    on_host(cloud, shop, f"systemctl start {unit}.service")
    after = shop.kubectl("get", "secret", "registry", "--output=jsonpath={.data}")
    assert len(after) >= len(before) > 50


def test_removing_it_leaves_nothing_of_it(shop: Shop, cloud: Cloud) -> None:
    place = f"/var/lib/slipway/{shop.stack}/{SERVICE}"
    said = on_host(cloud, shop, f"{place}/current/deploy/kubernetes_deploy.sh --remove")
    assert '"outcome": "absent"' in said
    left = {each for each in shop.objects() if f"/{SERVICE}" in each}
    assert not {each for each in left if not each.startswith("Job/")}
    assert "inactive" in on_host(
        cloud, shop, f"systemctl is-active slipway-login-{shop.stack}-{SERVICE}.timer"
    )


def stored(shop: Shop) -> str:
    """Every object of the stack's bucket: bundles and records."""
    store = shop.estate.client("s3")
    bucket = f"slipway-{shop.stack}"
    found = store.list_objects_v2(Bucket=bucket)["Contents"]
    bodies = [store.get_object(Bucket=bucket, Key=each["Key"])["Body"].read() for each in found]
    # Bundles are packed without compression.
    return "".join(body.decode(errors="replace") for body in bodies)
