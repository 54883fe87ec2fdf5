"""Snapshots, releases and the rollback, by the commands of the README, through the real engine.

The tests of this module stand on each other, in this order.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.estate import Estate

SHARED = {"kind": "ecr", "repository": "shared/{image}"}
DEV, PROD = "devlike", "prodlike"
Digests = dict[str, str]


@pytest.fixture(scope="module")
def slipway(estate: Estate, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The slipway folder of a monorepo whose dev and prod share their repositories."""
    top = estate.checkout(tmp_path_factory.mktemp("release") / "monorepo")
    no_hosts = {"services": None, "host": None}
    estate.write_stack(
        top,
        DEV,
        registry={**SHARED, "create": True},
        bundles={"bucket": "slipway-devlike-deploys"},
        **no_hosts,
    )
    estate.write_stack(
        top,
        PROD,
        protected=True,
        release={"images": "promote", "names": ["{version}"], "origin": {"stack": DEV}},
        registry={**SHARED, "create": False},
        bundles={"bucket": "slipway-prodlike-deploys"},
        **no_hosts,
    )
    return top / "deploy"


def digests(estate: Estate, slipway: Path, stack: str) -> Digests:
    text = estate.pulumi("stack", "output", "--json", "--stack", stack, cwd=slipway).ok()
    return {name: image["digest"] for name, image in json.loads(text)["images"].items()}


def change(estate: Estate, slipway: Path, words: str) -> None:
    """Commits a change of book-shop."""
    source = slipway.parent / "services" / "book-shop" / "app.py"
    source.write_text(source.read_text() + f"# {words}\n")
    estate.git("commit", "--quiet", "--all", "--message", words, top=slipway.parent)


@pytest.fixture(scope="module")
def released(estate: Estate, slipway: Path) -> Digests:
    """v1.2.0 is out; what it is."""
    estate.up(stack=DEV, cwd=slipway).ok()
    before = estate.counters()
    estate.up("-c", "version=v1.2.0", stack=PROD, cwd=slipway).ok()
    did = {name: n - before[name] for name, n in estate.counters().items()}
    assert did["builds"] == 0
    assert did["registry_writes"] == 2, "one manifest PUT an image"
    return digests(estate, slipway, PROD)


def test_a_release_is_what_dev_made(estate: Estate, slipway: Path, released: Digests) -> None:
    assert released == digests(estate, slipway, DEV)


def test_a_release_that_was_made_is_a_no_op(
    estate: Estate, slipway: Path, released: Digests
) -> None:
    text = estate.up("-c", "version=v1.2.0", stack=PROD, cwd=slipway).ok()
    assert "updated" not in text.split("Resources:")[1]


def test_a_commit_that_dev_has_not_built_is_refused_and_not_built(
    estate: Estate, slipway: Path, released: Digests
) -> None:
    change(estate, slipway, "second")
    before = estate.counters()["builds"]
    text = estate.up("-c", "version=v1.3.0", stack=PROD, cwd=slipway).refused()
    assert f"the stack {DEV!r} has not built this commit's content of:\n" in text
    listed = text.rpartition("content of:")[2].partition("Nothing was done")[0].split()
    assert listed == ["book-shop"], "atta has not changed"
    assert f"Run `pulumi up --stack {DEV}` at this commit" in text
    assert estate.counters()["builds"] == before
    assert digests(estate, slipway, PROD) == released


def test_the_next_release_names_the_new_commit(
    estate: Estate, slipway: Path, released: Digests
) -> None:
    estate.up(stack=DEV, cwd=slipway).ok()
    estate.up("-c", "version=v1.3.0", stack=PROD, cwd=slipway).ok()
    now = digests(estate, slipway, PROD)
    assert now == digests(estate, slipway, DEV)
    assert now["book-shop"] != released["book-shop"]
    assert now["atta"] == released["atta"]


def test_an_older_version_is_the_rollback_from_any_commit(
    estate: Estate, slipway: Path, released: Digests
) -> None:
    preview = estate.preview("-c", "version=v1.2.0", stack=PROD, cwd=slipway).ok()
    assert f"v1.2.0 exists: redeploying {released['book-shop']}" in preview
    before = estate.counters()
    estate.up("-c", "version=v1.2.0", stack=PROD, cwd=slipway).ok()
    after = estate.counters()
    assert after["builds"] == before["builds"]
    assert after["registry_writes"] == before["registry_writes"]
    assert digests(estate, slipway, PROD) == released


def test_the_version_in_the_rewritten_stack_file_does_not_make_the_tree_dirty(
    estate: Estate, slipway: Path, released: Digests
) -> None:
    assert "version: v1.2.0" in (slipway / f"Pulumi.{PROD}.yaml").read_text()
    estate.up(stack=PROD, cwd=slipway).ok()
    assert digests(estate, slipway, PROD) == released
