"""The recipes that end on MicroK8s, by their own stack files: two of the five systems.

The tests of a system stand on each other, in this order.
"""

from __future__ import annotations

import json
import os
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import boto3
import pytest

from localcloud.kubernetes.node import Node
from tests.estate import Estate, Ran
from tests.fakes.github_api import FakeGitHub, served
from tests.fakes.github_store import Store
from tests.kubernetes.load import loaded
from tests.localcloud.cloud import Cloud
from tests.systems.system import RECIPES, System, sample

STACK = "microk8s"


class Cluster:
    """A system whose stack `microk8s` runs on the node."""

    def __init__(self, system: System, node: Node, port: int) -> None:
        self.system, self.node = system, node
        self.url = f"http://{node.address}:{port}/version"
        self.home = system.estate.folder / "home"
        (self.home / ".kube").mkdir(parents=True)
        (self.home / ".kube" / "prod").write_text(node.kubeconfig)

    def up(self, *words: str, **environment: str) -> Ran:
        return self.system.up(STACK, *words, HOME=str(self.home), **environment)

    def answers(self, within: float = 20) -> bool:
        """Whether it does, in a moment: the cluster's proxy learns of new pods within a second."""
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            with suppress(OSError), urllib.request.urlopen(self.url, timeout=2) as answer:
                return bool(answer.status == 200)
            time.sleep(0.1)
        return False

    def running(self, namespace: str) -> set[str]:
        """What the pods are told to run, without the registry."""
        words = ("--namespace", namespace, "get", "pods", "--field-selector=status.phase=Running")
        pods = json.loads(self.node.kubectl(*words, "--output=json"))["items"]
        return {
            each["spec"]["containers"][0]["image"].rpartition("/")[2]
            for each in pods
            if not each["metadata"].get("deletionTimestamp")
        }


@contextmanager
def cluster(
    cloud: Cloud, node: Node, folder: Path, recipe: str, sources: dict[str, str], port: int
) -> Iterator[Cluster]:
    """The system of a recipe on the session's cloud, which it leaves as it was."""
    estate = Estate(folder, dict(os.environ), cloud.port, cloud.registry_port)
    system = System.of(estate, folder / "system", RECIPES / recipe, sources)
    made = Cluster(system, node, port)
    forget(estate, "acme-deploys", "storefront")
    forget(estate, "book-shop-deploys")
    forget_namespaces(node)
    try:
        yield made
    finally:
        for stack in (STACK, "dev"):
            words = ("destroy", "--stack", stack, "--yes", "--skip-preview", "--exclude-protected")
            estate.pulumi(*words, cwd=system.slipway, HOME=str(made.home))
        forget_namespaces(node)  # protected, as all that a protected stack stands on


def forget_namespaces(node: Node) -> None:
    node.kubectl("delete", "namespace", "storefront", "book-shop", "--ignore-not-found")


def forget(estate: Estate, bucket: str, *repositories: str) -> None:
    """Removes what an earlier run has left in a cloud that goes on: recipes have fixed names."""
    s3, ecr = estate.client("s3"), estate.client("ecr")
    if any(each["Name"] == bucket for each in s3.list_buckets()["Buckets"]):
        for each in s3.list_object_versions(Bucket=bucket).get("Versions", []):
            s3.delete_object(Bucket=bucket, Key=each["Key"], VersionId=each["VersionId"])
        s3.delete_bucket(Bucket=bucket)
    known = {each["repositoryName"] for each in ecr.describe_repositories()["repositories"]}
    for name in known & set(repositories):
        ecr.delete_repository(repositoryName=name, force=True)
    public = boto3.client(
        "ecr-public",
        endpoint_url=f"http://127.0.0.1:{estate.cloud_port}",
        region_name="us-east-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",
    )
    for each in public.describe_repositories()["repositories"]:
        public.delete_repository(repositoryName=each["repositoryName"], force=True)


def sources_of(service: str, image: str) -> dict[str, str]:
    return {
        path.replace(service, image): text.replace("app.py ./", "app.py app.txt ./")
        for path, text in sample(service).items()
    } | {f"services/{image}/app.txt": "one"}


@pytest.fixture(scope="module")
def storefront(
    cloud: Cloud, node: Node, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cluster]:
    folder, sources = tmp_path_factory.mktemp("ci"), sources_of("backend", "storefront")
    with cluster(cloud, node, folder, "ci-build-deploy", sources, 30300) as made:
        made.system.up("dev").ok()
        made.system.commit("two", {"services/storefront/app.txt": "two"})
        made.system.up("dev").ok()
        yield made


def test_a_manual_deploy_takes_the_version_that_was_built(storefront: Cluster) -> None:
    system = storefront.system
    before = system.estate.counters()["builds"]
    storefront.up("-c", "version=v0.2.0").ok()
    assert system.estate.counters()["builds"] == before
    (digest,) = system.digests("dev").values()
    assert storefront.running("storefront") == {f"storefront:v0.2.0@{digest}"}
    assert storefront.answers()


def test_the_older_version_is_the_rollback_and_no_request_is_lost(storefront: Cluster) -> None:
    newest = storefront.running("storefront")
    with loaded(storefront.url) as load:
        text = storefront.up("-c", "version=v0.1.0").ok()
    assert "v0.1.0 exists: redeploying" in text
    (running,) = storefront.running("storefront")
    assert running.startswith("storefront:v0.1.0@")
    assert {running} != newest
    assert load.good > 100
    assert load.failed == []


@pytest.fixture(scope="module")
def shop(cloud: Cloud, node: Node, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    folder = tmp_path_factory.mktemp("snapshot")
    sources = sample("book-shop") | version_file("1.1.0")
    with cluster(cloud, node, folder, "snapshot-promotion", sources, 30800) as made:
        made.system.git("switch", "--quiet", "--create", "dev")
        yield made


@pytest.fixture(scope="module")
def github() -> Iterator[FakeGitHub]:
    with served(Store(repository="acme/book-shop")) as fake:
        yield fake


def version_file(version: str) -> dict[str, str]:
    return {"pyproject.toml": f'[project]\nname = "book-shop"\nversion = "{version}"\n'}


def snapshot(system: System) -> str:
    return str(system.images("dev")["book-shop"]["tag"])


def release(shop: Cluster, github: FakeGitHub, source: str) -> Ran:
    known = {"GITHUB_API_URL": github.api, "GITHUB_TOKEN": github.store.token}
    return shop.up("-c", f"source={source}", **known)


def tags(github: FakeGitHub) -> list[Any]:
    return [each["tag_name"] for each in github.store.releases]


def test_a_named_snapshot_is_released_and_deployed_in_one_run(
    shop: Cluster, github: FakeGitHub
) -> None:
    system = shop.system
    system.up("dev").ok()
    before = system.estate.counters()["builds"]
    release(shop, github, snapshot(system)).ok()
    assert system.estate.counters()["builds"] == before
    (digest,) = system.digests("dev").values()
    assert shop.running("book-shop") == {f"book-shop:v1.1.0@{digest}"}
    assert tags(github) == ["v1.1.0"]
    assert shop.answers()


@pytest.mark.long
def test_a_release_that_does_not_get_ready_is_put_back_and_not_published(
    shop: Cluster, github: FakeGitHub
) -> None:
    system, before = shop.system, shop.running("book-shop")
    app = "services/book-shop/app.py"
    text = (system.top / app).read_text()
    file = system.slipway / f"Pulumi.{STACK}.yaml"
    shipped = file.read_text()
    # The snapshot is healthy in dev: what it lacks is here.
    sick = text.replace("HEALTHY = True", 'HEALTHY = "KUBERNETES_SERVICE_HOST" not in os.environ')
    system.commit("Sell maps", {app: sick, **version_file("1.2.0")})
    system.up("dev").ok()
    file.write_text(shipped.replace("drain: 5", "drain: 5, timeout: 10"))
    try:
        with loaded(shop.url) as load:
            said = release(shop, github, snapshot(system)).refused()
    finally:
        file.write_text(shipped)
    assert "put back to" in said
    assert "timed out after 10 s" in said
    assert shop.running("book-shop") == before
    assert load.failed == []
    assert tags(github) == ["v1.1.0"], "what does not run in prod is no release"
