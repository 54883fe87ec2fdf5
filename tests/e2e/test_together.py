"""Two services of which one fails: each for itself, and together. In this order."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.registry_reader import RegistryReader
from tests.estate import Estate, Ran

STACK = "together"
SERVICES = {
    "backend": {
        "target": "ecs",
        "port": 3000,
        "health": "/healthz",
        "timeout": 60,
        "grace": 0,
        "read_only": False,
    },
    "notifier": {"target": "lambda", "smoke": {"ping": True}},
}


@pytest.fixture(scope="module")
def slipway(estate: Estate, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The slipway folder of a monorepo with a service of ECS and one of Lambda, both deployed."""
    folder = tmp_path_factory.mktemp("together") / "monorepo"
    top = estate.checkout(folder, ("backend", "notifier"))
    write(estate, top, "independent")
    estate.up(stack=STACK, cwd=top / "deploy").ok()
    return top / "deploy"


def write(estate: Estate, top: Path, policy: str) -> None:
    estate.write_stack(
        top,
        STACK,
        registry={"kind": "ecr", "repository": "together/{image}", "create": True},
        bundles={"bucket": "slipway-together-deploys"},
        host=None,
        rollout={"policy": policy},
        services=SERVICES,
    )


def change(slipway: Path, words: str, *, backend_is_healthy: bool) -> None:
    """New content for both; the function is always good."""
    notifier = slipway.parent / "services" / "notifier" / "app.py"
    notifier.write_text(f"{notifier.read_text()}# {words}\n")
    backend = slipway.parent / "services" / "backend" / "app.py"
    lines = backend.read_text().splitlines()
    healthy = f"HEALTHY = {backend_is_healthy}  # {words}"
    kept = [healthy if line.startswith("HEALTHY = ") else line for line in lines]
    backend.write_text("\n".join(kept) + "\n")


def up(estate: Estate, slipway: Path) -> Ran:
    return estate.up(stack=STACK, cwd=slipway)


def running(estate: Estate) -> dict[str, str]:
    """The digests that really run, asked of the engines themselves."""
    ecs, functions = estate.client("ecs"), estate.client("lambda")
    cluster = f"slipway-{STACK}"
    tasks = ecs.list_tasks(cluster=cluster, desiredStatus="RUNNING")["taskArns"]
    found = ecs.describe_tasks(cluster=cluster, tasks=tasks)["tasks"]
    digests = {each["imageDigest"] for task in found for each in task["containers"]}
    alias = functions.get_function(FunctionName=f"{STACK}-notifier", Qualifier="live")
    assert len(digests) == 1, digests
    return {
        "backend": digests.pop(),
        "notifier": alias["Code"]["ResolvedImageUri"].partition("@")[2],
    }


def asked(estate: Estate, slipway: Path) -> dict[str, Any]:
    text = estate.pulumi("stack", "output", "--json", "--stack", STACK, cwd=slipway).ok()
    found = {name: image["digest"] for name, image in json.loads(text)["images"].items()}
    # ECS tells the manifest of the task's own platform, not the index around it.
    (manifest,) = RegistryReader(estate, f"{STACK}/backend").platforms(found["backend"])
    return {**found, "backend": manifest}


def test_alone_the_good_one_stays_and_the_failing_one_is_put_back(
    estate: Estate, slipway: Path
) -> None:
    before = running(estate)
    change(slipway, "one", backend_is_healthy=False)
    assert "backend" in up(estate, slipway).refused()
    after = running(estate)
    assert after["backend"] == before["backend"]
    assert after["notifier"] != before["notifier"]


def test_the_next_good_update_sees_the_truth_and_then_there_is_nothing_to_do(
    estate: Estate, slipway: Path
) -> None:
    change(slipway, "two", backend_is_healthy=True)
    up(estate, slipway).ok()
    assert running(estate) == asked(estate, slipway)
    before = estate.counters()["api_writes"]
    up(estate, slipway).ok()
    assert estate.counters()["api_writes"] == before


def test_together_the_good_one_is_put_back_too(estate: Estate, slipway: Path) -> None:
    file = slipway / f"Pulumi.{STACK}.yaml"
    file.write_text(file.read_text().replace("policy: independent", "policy: together"))
    up(estate, slipway).ok()
    before = running(estate)
    change(slipway, "three", backend_is_healthy=False)
    text = up(estate, slipway).refused()
    assert "backend" in text
    assert "notifier" in text
    assert running(estate) == before


def test_after_that_a_plain_preview_shows_both_and_the_fix_deploys_both(
    estate: Estate, slipway: Path
) -> None:
    before = running(estate)
    change(slipway, "four", backend_is_healthy=True)
    text = estate.preview(stack=STACK, cwd=slipway).ok()
    assert "backend-rollout" in text
    assert "notifier-rollout" in text
    up(estate, slipway).ok()
    after = running(estate)
    assert after == asked(estate, slipway)
    assert after["backend"] != before["backend"]
    assert after["notifier"] != before["notifier"]
    writes = estate.counters()["api_writes"]
    up(estate, slipway).ok()
    assert estate.counters()["api_writes"] == writes


def test_the_failed_update_is_in_the_history_as_failed(estate: Estate, slipway: Path) -> None:
    text = estate.run(
        ".venv/bin/python", "-m", "cli.app", "history", STACK, "--json", cwd=slipway
    ).ok()
    assert text.count('"failed"') == 2
