"""`slipway release` and `slipway run`: what they ask of Pulumi, and what they refuse."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.shop_stack import D1, D2, PLACE, World, slipway, world

__all__ = ["slipway", "world"]
SHOP = f"{PLACE}/dev/shop"
REGISTRY = {"names": ["{version}", "{version}-{short_sha}"], "version_from": "registry"}


@pytest.fixture
def pulumi(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A pulumi that only writes down how it was called; the file that it writes to."""
    called = tmp_path / "called"
    program = tmp_path / "bin" / "pulumi"
    program.parent.mkdir()
    program.write_text(
        "#!/usr/bin/env python3\n"
        "import json, os, sys\n"
        "wishes = {k: v for k, v in os.environ.items() if k.startswith('SLIPWAY_')}\n"
        f"json.dump([sys.argv[1:], os.getcwd(), wishes], open({str(called)!r}, 'w'))\n"
        "sys.exit(int(os.environ.get('CODE', '0')))\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    return called


def test_a_release_updates_that_image_and_its_services_alone(
    world: World, pulumi: Path, slipway: Any
) -> None:
    world.stack("dev", release=REGISTRY)
    world.deployed()
    world.names[SHOP] = {"1.9.0": D1, "1.10.0": D2, "1.10.0-a1b2c3d": D2}
    done = slipway("release", "shop", "minor", "--yes")
    assert done.code == 0, done.err
    assert "shop: 1.10.0 -> 1.11.0 (minor)" in done.out
    words, folder, wishes = json.loads(pulumi.read_text())
    assert words[:3] == ["up", "--stack", "dev"]
    assert words.count("--target") == 9
    assert {"--yes", "--skip-preview", "--non-interactive"} <= set(words)
    assert folder == str(world.top / "deploy")
    assert (wishes["SLIPWAY_RELEASE"], wishes["SLIPWAY_BUMP"]) == ("shop", "minor")
    targets = [word for before, word in pairwise(words) if before == "--target"]
    above = "urn:pulumi:dev::slipway::"
    assert f"{above}rollout:index:Image::shop" in targets
    assert f"{above}slipway:index:*Service::shop" in targets
    assert f"{above}**::shop-rollout" in targets
    assert f"{above}rollout:index:Record::record" in targets
    assert not any("atta" in target for target in targets)


def test_a_dry_run_is_a_preview_and_asks_nobody(world: World, pulumi: Path, slipway: Any) -> None:
    world.stack("dev", release=REGISTRY)
    world.deployed()
    assert slipway("release", "shop", "patch", "--dry-run").code == 0
    words, _, _ = json.loads(pulumi.read_text())
    assert words[:3] == ["preview", "--stack", "dev"]
    assert "--yes" not in words


def test_the_exit_code_of_pulumi_is_passed_on(
    world: World, pulumi: Path, slipway: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.stack("dev", release=REGISTRY)
    world.deployed()
    monkeypatch.setenv("CODE", "255")
    assert slipway("release", "shop", "patch", "--yes").code == 1


def test_without_a_terminal_a_release_needs_a_yes(world: World, pulumi: Path, slipway: Any) -> None:
    world.stack("dev", release=REGISTRY)
    world.deployed()
    assert "say --yes, or --dry-run" in slipway("release", "shop", "patch").err
    assert not pulumi.exists()


def test_a_stack_that_does_not_count_versions_up_refuses(
    world: World, pulumi: Path, slipway: Any
) -> None:
    refused = slipway("release", "shop", "patch", "--yes")
    assert refused.code == 1
    assert "the stack 'dev' does not count versions up (version_from: config)" in refused.err
    assert not pulumi.exists()


def test_a_stack_that_is_not_deployed_has_nothing_for_one_image_to_join(
    world: World, pulumi: Path, slipway: Any
) -> None:
    world.stack("dev", release=REGISTRY)
    refused = slipway("release", "shop", "patch", "--yes")
    assert refused.code == 1
    assert "the stack 'dev' is not deployed yet" in refused.err
    assert not pulumi.exists()


@pytest.mark.parametrize("version", ["v1.2.3$(id)", "-x", "feat/;x", "`id`", ""])
def test_run_refuses_what_is_no_tag(world: World, slipway: Any, version: str) -> None:
    refused = slipway("run", "shop", "--", version)
    assert refused.code == 1
    assert "is not a tag" in refused.err


def test_run_refuses_what_the_registry_does_not_have(world: World, slipway: Any) -> None:
    assert f"{SHOP} has no v9.9.9" in slipway("run", "shop", "v9.9.9").err
    assert "this commit's content is not built" in slipway("run", "shop").err


def request(world: World, *words: Any) -> Any:
    from cli.run import request_of
    from cli.stack import open_stack

    return request_of(open_stack("dev"), "shop", *words)


def test_run_takes_what_is_deployed_and_the_services_own_port(world: World) -> None:
    world.made(D2)
    assert request(world, None, None).digest == D2
    world.deployed(digest=D1)
    wanted = request(world, None, None)
    assert (wanted.digest, wanted.tag, wanted.port, wanted.publish) == (D1, "abc", 8000, 8000)
    world.names[SHOP]["v1.2.0"] = D2
    wanted = request(world, "v1.2.0", 9000)
    assert (wanted.digest, wanted.tag, wanted.port, wanted.publish) == (D2, "v1.2.0", 8000, 9000)


def test_run_publishes_3000_without_a_service_and_nothing_for_a_job(world: World) -> None:
    world.made()
    world.stack("dev", services={})
    assert request(world, None, None).port == 3000
    world.stack("dev", services={"shop": {"target": "host", "job": True}})
    assert (request(world, None, None).port, request(world, None, None).publish) == (None, None)


def test_json_of_run_is_for_detached_containers(world: World, slipway: Any) -> None:
    assert "--json needs --detach" in slipway("run", "shop", "--json").err
