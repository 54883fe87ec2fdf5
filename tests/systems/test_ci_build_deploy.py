"""Seed 001: build on merge gives vX.Y.Z and sha-<commit>; deploy takes a version, by hand.

The tests stand on each other, in this order.
"""

from __future__ import annotations

import json
import time
import urllib.request

import pytest

from tests.e2e.registry_reader import RegistryReader
from tests.estate import Estate
from tests.ports import free_port
from tests.systems.system import RECIPES, System, sample


@pytest.fixture(scope="module")
def system(estate: Estate, tmp_path_factory: pytest.TempPathFactory) -> System:
    top = tmp_path_factory.mktemp("ci") / "monorepo"
    sources = {
        path.replace("backend", "storefront"): text.replace("app.py ./", "app.py app.txt ./")
        for path, text in sample("backend").items()
    }
    sources["services/storefront/app.txt"] = "one"
    return System.of(estate, top, RECIPES / "ci-build-deploy", sources)


def running(system: System) -> set[str]:
    """The digests that the tasks of ECS really run."""
    ecs = system.estate.client("ecs")
    tasks = ecs.list_tasks(cluster="slipway-prod", desiredStatus="RUNNING")["taskArns"]
    found = ecs.describe_tasks(cluster="slipway-prod", tasks=tasks)["tasks"]
    assert len(found) == 2, "as many as the recipe says"
    return {container["imageDigest"] for task in found for container in task["containers"]}


def asked(system: System, stack: str = "prod") -> set[str]:
    """What a stack deploys: its index, or the image in it that an engine of this platform pulls."""
    (index,) = system.digests(stack).values()
    return {index, *RegistryReader(system.estate, "storefront").platforms(index)}


def test_each_merge_with_new_content_gets_a_version_and_its_commit(system: System) -> None:
    system.up("dev").ok()
    first = system.git("rev-parse", "HEAD").strip()
    assert system.tags("storefront") == [f"sha-{first}", "v0.1.0"]
    system.git("switch", "--quiet", "--create", "feature/basket")
    system.commit("a basket [minor]", {"services/storefront/app.txt": "two"})
    system.git("switch", "--quiet", "main")
    system.git("merge", "--quiet", "--no-ff", "--message", "Merge feature/basket", "feature/basket")
    system.up("dev").ok()
    second = system.git("rev-parse", "HEAD").strip()
    assert "v0.2.0" in system.tags("storefront")
    assert f"sha-{second}" in system.tags("storefront")


def test_a_merge_without_new_content_gets_no_version(system: System) -> None:
    before = system.tags("storefront")
    system.commit("words", {"README.md": "words\n"})
    system.up("dev").ok()
    assert system.tags("storefront") == before


def test_a_manual_deploy_takes_the_version_that_was_built(system: System) -> None:
    before = system.estate.counters()
    system.up("prod", "-c", "version=v0.2.0").ok()
    did = {name: n - before[name] for name, n in system.estate.counters().items()}
    assert (did["builds"], did["registry_writes"]) == (0, 0), "v0.2.0 is deployed as it is"
    assert system.digests("prod") == system.digests("dev")
    (ran,) = running(system)
    assert ran in asked(system)


def test_rollback_is_the_older_version(system: System) -> None:
    newest = system.digests("prod")
    text = system.up("prod", "-c", "version=v0.1.0").ok()
    assert "v0.1.0 exists: redeploying" in text
    assert system.digests("prod") != newest
    (ran,) = running(system)
    assert ran in asked(system)
    assert "slipway resume prod" in text, "a rollback holds the stack, and says how to go on"


def test_a_newer_deploy_is_refused_until_the_hold_is_lifted(system: System) -> None:
    before = system.digests("prod")
    text = system.up("prod", "-c", "version=v0.2.0").refused()
    assert "prod is held at v0.1.0" in text
    assert system.digests("prod") == before
    system.slipway_command("resume", "prod").ok()
    system.up("prod", "-c", "version=v0.2.0").ok()
    assert system.digests("prod") == system.digests("dev")


def test_the_same_image_runs_on_this_machine(system: System) -> None:
    port = free_port()
    words = ["--stack", "prod", "--port", str(port), "--detach", "--json"]
    told = json.loads(system.slipway_command("run", "storefront", "v0.2.0", *words).ok())
    try:
        assert told["digest"] == system.digests("prod")["storefront"]
        assert answers(f"http://127.0.0.1:{port}/healthz")
    finally:
        system.estate.run("docker", "rm", "--force", told["container"]).ok()


def answers(url: str) -> bool:
    """Whether it answers within a few seconds."""
    for _ in range(50):
        try:
            return bool(urllib.request.urlopen(url, timeout=1).status == 200)
        except OSError:
            time.sleep(0.1)
    return False


def test_latest_is_never_a_name_in_prod(system: System) -> None:
    file = system.slipway / "Pulumi.prod.yaml"
    text = file.read_text()
    file.write_text(text.replace('names: ["v{version}"]', 'names: ["v{version}", "latest"]'))
    try:
        refused = system.up("prod", "-c", "version=v0.2.0").refused()
        assert "`latest*` names move, and a protected stack has none" in refused
    finally:
        file.write_text(text)
