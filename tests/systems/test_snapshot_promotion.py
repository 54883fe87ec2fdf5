"""Seed 004: snapshots in a public registry, promoted by name, with a GitHub Release. In order."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from clients.registry import Registry
from clients.registry_auth import Keychain
from tests.estate import Estate
from tests.fakes.github_api import FakeGitHub, served
from tests.fakes.github_store import Store
from tests.systems.system import RECIPES, System, sample
from tests.systems.workflow_run import Runner, not_run

WORKFLOWS = "docs/recipes/snapshot-promotion/.github/workflows/"


def pyproject(version: str) -> dict[str, str]:
    return {"pyproject.toml": f'[project]\nname = "book-shop"\nversion = "{version}"\n'}


@pytest.fixture(scope="module")
def system(estate: Estate, tmp_path_factory: pytest.TempPathFactory) -> System:
    top = tmp_path_factory.mktemp("snapshot") / "monorepo"
    sources = sample("book-shop") | pyproject("1.1.0")
    system = System.of(estate, top, RECIPES / "snapshot-promotion", sources)
    system.git("switch", "--quiet", "--create", "dev")
    return system


@pytest.fixture(scope="module")
def github() -> Iterator[FakeGitHub]:
    with served(Store(repository="acme/book-shop")) as fake:
        yield fake


def snapshot(system: System, version: str) -> str:
    return f"{version}-SNAPSHOT-{system.git('rev-parse', 'HEAD')[:7]}"


def release(system: System, github: FakeGitHub, *words: str) -> str:
    return system.up(
        "prod", *words, GITHUB_API_URL=github.api, GITHUB_TOKEN=github.store.token
    ).text


def published(github: FakeGitHub) -> dict[str, Any]:
    """The releases by their tags."""
    return {each["tag_name"]: dict(each) for each in github.store.releases}


def public_digest(system: System, tag: str) -> str | None:
    """Read as anybody can, without a login."""
    reference = system.images("dev")["book-shop"]["ref"].partition("@")[0].rpartition(":")[0]
    return Registry(reference, Keychain()).head(tag)


@pytest.fixture
def runner(system: System, github: FakeGitHub, tmp_path: Path) -> Runner:
    where = {"api_url": github.api, "repository": "acme/book-shop"}
    return Runner(system, tmp_path, "push", github=where, token=github.store.token)


def test_a_push_to_dev_makes_a_snapshot_named_by_version_and_commit(
    system: System, runner: Runner
) -> None:
    runner.run(f"{WORKFLOWS}dev.yml")
    assert f"Named {snapshot(system, '1.1.0')}." in runner.summary, "a release has to say it"
    assert not_run(f"{WORKFLOWS}dev.yml") == set()
    assert system.images("dev")["book-shop"]["ref"].count(snapshot(system, "1.1.0")) == 1
    assert system.get("dev", "dev-app", "/version")["version"] == snapshot(system, "1.1.0")


def test_everybody_may_pull_it_without_a_login(system: System) -> None:
    digest = public_digest(system, snapshot(system, "1.1.0"))
    assert digest == system.digests("dev")["book-shop"]


def test_the_container_is_dev_app_behind_port_4000(system: System) -> None:
    ps = system.on_machine("dev", "docker ps --format '{{.Names}} {{.Ports}}'").ok()
    assert "dev-app" in ps
    assert system.services("dev")["dev-app"]["url"].endswith(":4000")
    both = "curl -s localhost:4000/version; curl -s localhost:8080/version"
    assert system.on_machine("dev", both).ok().count('"service": "book-shop"') == 2


def test_a_release_is_never_guessed(system: System, github: FakeGitHub) -> None:
    text = release(system, github)
    assert "slipway:source is missing: 1.1.0 is a new release" in text
    text = release(system, github, "-c", "source=1.1.0-SNAPSHOT-0000000")
    assert "no record of the stack 'dev'" in text
    assert snapshot(system, "1.1.0") in text, "the newest are told"
    assert not github.store.releases


def test_a_push_to_main_releases_the_snapshot_that_its_message_names(
    system: System, github: FakeGitHub, runner: Runner
) -> None:
    before, name = system.estate.counters(), snapshot(system, "1.1.0")
    runner.run(f"{WORKFLOWS}release.yml")
    assert "nothing is released" in runner.summary
    assert not github.store.releases
    system.git("commit", "--quiet", "--allow-empty", "--message", f"Go\n\nSnapshot: {name}")
    said = runner.run(f"{WORKFLOWS}release.yml")
    assert not_run(f"{WORKFLOWS}release.yml") == set()
    text = said["Promote, deploy, publish"].text
    did = {name: n - before[name] for name, n in system.estate.counters().items()}
    assert did["builds"] == 0, text
    assert did["layer_bytes"] == 0
    assert system.digests("prod") == system.digests("dev"), text
    assert public_digest(system, "v1.1.0") == system.digests("dev")["book-shop"]
    assert "v1.1.0" in published(github)
    assert github.store.refs["refs/tags/v1.1.0"] in github.store.tags, "an annotated tag"
    assert "slipway:source" not in system.stack_file("prod")


def test_the_next_release_tells_what_really_reached_prod(
    system: System, github: FakeGitHub
) -> None:
    source = (system.top / "services/book-shop/app.py").read_text()
    system.commit("never deployed to dev by itself", {"services/book-shop/a.txt": "a\n"})
    system.commit("Sell maps", {"services/book-shop/app.py": source + "# maps\n"})
    system.commit("1.2.0", pyproject("1.2.0"))
    system.up("dev").ok()
    system.commit("after the snapshot", {"services/book-shop/b.txt": "b\n"})
    name = snapshot_of_record(system)
    preview = system.estate.pulumi(
        "preview", "--stack", "prod", "-c", f"source={name}",
        cwd=system.slipway, GITHUB_API_URL=github.api, GITHUB_TOKEN=github.store.token,
    ).ok()  # fmt: skip
    assert "Sell maps" in preview, "a dry run prints the notes"
    assert "v1.2.0" not in published(github)
    text = release(system, github, "-c", f"source={name}")
    notes = published(github)["v1.2.0"]["body"]
    assert "Sell maps" in notes, text
    assert "never deployed to dev by itself" in notes
    assert "after the snapshot" not in notes
    assert system.digests("prod") == system.digests("dev")


def snapshot_of_record(system: System) -> str:
    return str(system.images("dev")["book-shop"]["tag"])


def test_a_rollback_leaves_the_release_page_as_it_is(system: System, github: FakeGitHub) -> None:
    before = published(github)
    text = release(system, github, "-c", "version=v1.1.0")
    assert "v1.1.0 exists: redeploying" in text
    assert published(github) == before
