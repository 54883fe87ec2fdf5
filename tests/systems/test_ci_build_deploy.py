"""Seed 001: build on merge gives vX.Y.Z and sha-<commit>; deploy takes a version, by hand.

The tests stand on each other, in this order.
"""

from __future__ import annotations

import pytest

from tests.estate import Estate
from tests.systems.system import RECIPES, System, images_of


@pytest.fixture(scope="module")
def system(estate: Estate, tmp_path_factory: pytest.TempPathFactory) -> System:
    top = tmp_path_factory.mktemp("ci") / "monorepo"
    sources = images_of("services", storefront="one")
    return System.of(estate, top, RECIPES / "ci-build-deploy", sources)


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


def test_rollback_is_the_older_version(system: System) -> None:
    newest = system.digests("prod")
    text = system.up("prod", "-c", "version=v0.1.0").ok()
    assert "v0.1.0 exists: redeploying" in text
    assert system.digests("prod") != newest
    assert "slipway resume prod" in text, "a rollback holds the stack, and says how to go on"


def test_a_newer_deploy_is_refused_until_the_hold_is_lifted(system: System) -> None:
    before = system.digests("prod")
    text = system.up("prod", "-c", "version=v0.2.0").refused()
    assert "prod is held at v0.1.0" in text
    assert system.digests("prod") == before
    system.slipway_command("resume", "prod").ok()
    system.up("prod", "-c", "version=v0.2.0").ok()
    assert system.digests("prod") == system.digests("dev")


def test_latest_is_never_a_name_in_prod(system: System) -> None:
    file = system.slipway / "Pulumi.prod.yaml"
    text = file.read_text()
    file.write_text(text.replace('names: ["v{version}"]', 'names: ["v{version}", "latest"]'))
    try:
        refused = system.up("prod", "-c", "version=v0.2.0").refused()
        assert "`latest*` names move, and a protected stack has none" in refused
    finally:
        file.write_text(text)
