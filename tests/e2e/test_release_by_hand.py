"""`slipway release` (seed 002): one image gets its next version, also when unchanged; no other one.

The tests of this module stand on each other, in this order.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.estate import Estate, Ran

STACK = "byhand"
RELEASE = {
    "images": "build",
    "names": ["{version}", "{version}-{short_sha}", "latest"],
    "version_from": "registry",
}


@pytest.fixture(scope="module")
def top(estate: Estate, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A monorepo whose stack counts its versions up in the registry."""
    top = estate.checkout(tmp_path_factory.mktemp("byhand") / "monorepo")
    estate.write_stack(
        top,
        STACK,
        release=RELEASE,
        registry={"kind": "ecr", "repository": "byhand-{image}", "create": True},
        bundles={"bucket": "slipway-byhand-deploys"},
        services=None,
        host=None,
    )
    estate.git("add", "--all", top=top)
    estate.git("commit", "--quiet", "--message", "versions from the registry", top=top)
    estate.select(STACK, cwd=top / "deploy")
    return top


def slipway(estate: Estate, top: Path, *words: str) -> Ran:
    """Runs `slipway … --stack byhand` in that monorepo."""
    folder = top / "deploy"
    argv = [sys.executable, "-m", "cli.app", *words, "--stack", STACK]
    return estate.run(*argv, cwd=folder)


def latest(estate: Estate, top: Path) -> dict[str, str]:
    """The latest version of each image."""
    images = ("atta", "book-shop")
    return {name: slipway(estate, top, "latest", name).ok().strip() for name in images}


def verdicts(estate: Estate, top: Path) -> dict[str, Any]:
    """What `slipway why` says of each image: its verdict and the kind of its first cause."""
    found = json.loads(slipway(estate, top, "why", "--json").ok())["images"]
    return {each["image"]: (each["verdict"], each["causes"][0]["kind"]) for each in found}


def test_one_image_alone_can_not_be_the_first_of_a_stack(estate: Estate, top: Path) -> None:
    said = slipway(estate, top, "release", "book-shop", "minor", "--yes").refused()
    assert f"the stack '{STACK}' is not deployed yet" in said
    assert verdicts(estate, top) == dict.fromkeys(("atta", "book-shop"), ("built", "new image"))


def test_the_first_update_gives_every_image_its_first_version(estate: Estate, top: Path) -> None:
    estate.up(stack=STACK, cwd=top / "deploy").ok()
    assert latest(estate, top) == {"atta": "0.1.0", "book-shop": "0.1.0"}
    assert verdicts(estate, top) == dict.fromkeys(("atta", "book-shop"), ("skipped", "unchanged"))


def test_a_dry_run_says_the_version_and_gives_none(estate: Estate, top: Path) -> None:
    before = estate.counters()
    said = slipway(estate, top, "release", "book-shop", "minor", "--dry-run").ok()
    assert "book-shop: 0.1.0 -> 0.2.0 (minor)" in said
    assert estate.counters()["registry_writes"] == before["registry_writes"]
    assert latest(estate, top)["book-shop"] == "0.1.0"


def test_an_unchanged_image_gets_a_version_and_a_changed_other_one_does_not(
    estate: Estate, top: Path
) -> None:
    report = top / "services" / "atta" / "report.py"
    report.write_text(report.read_text() + "# changed\n")
    estate.git("commit", "--quiet", "--all", "--message", "atta", top=top)
    before = estate.counters()
    slipway(estate, top, "release", "book-shop", "minor", "--yes").ok()
    assert estate.counters()["builds"] == before["builds"]
    assert latest(estate, top) == {"atta": "0.1.0", "book-shop": "0.2.0"}
    assert verdicts(estate, top)["atta"][0] == "built"


def test_after_it_a_plain_update_builds_what_changed_and_gives_no_second_version(
    estate: Estate, top: Path
) -> None:
    estate.up(stack=STACK, cwd=top / "deploy").ok()
    assert latest(estate, top) == {"atta": "0.1.1", "book-shop": "0.2.0"}
