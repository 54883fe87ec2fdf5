"""`slipway build` and `slipway scan`: which images they mean, and what they refuse."""

from __future__ import annotations

from typing import Any

import pytest

from cli import scan
from cli.stack import open_stack
from clients.builder import Builder, BuildRequest
from clients.builder_choice import BuildError
from clients.image_scans import ImageScans
from release.scan import Flaw
from tests.fakes.shop_stack import D1, D2, PLACE, World, slipway, world

__all__ = ["slipway", "world"]


def ok(ran: Any) -> str:
    assert ran.code == 0, ran
    return str(ran.out)


def refused(ran: Any) -> str:
    assert ran.code == 1, ran
    return str(ran.err)


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[BuildRequest]:
    """What was built, instead of building it; a Dockerfile that says `broken` fails."""
    requests: list[BuildRequest] = []

    def record(_self: object, _at: object, request: BuildRequest, *_: object) -> str:
        requests.append(request)
        if request.build_args.get("BROKEN"):
            raise BuildError("shop: the build failed:\nno such file")
        return ""

    monkeypatch.setattr(Builder, "build", record)
    return requests


def test_what_changed_is_built_and_pushed_nowhere(
    world: World, slipway: Any, built: list[BuildRequest]
) -> None:
    assert "nothing to build" in ok(slipway("build"))
    assert built == []
    world.write("services/shop/app.py", "print(3)\n")
    assert "shop: built in" in ok(slipway("build"))
    assert [(each.image, each.repository) for each in built] == [("shop", None)]
    ok(slipway("build", "--all"))
    ok(slipway("build", "shop"))
    assert len(built) == 3


def test_a_build_that_fails_is_shown_and_ends_with_one(
    world: World, slipway: Any, built: list[BuildRequest]
) -> None:
    world.stack("dev", build={"args": {"BROKEN": "1"}})
    text = refused(slipway("build", "shop"))
    assert "no such file" in text
    assert "1 of 1 builds failed: shop" in text


def test_an_image_that_there_is_not_is_refused(world: World, slipway: Any) -> None:
    assert "there is no image nix; allowed: shop" in refused(slipway("build", "nix"))


def test_a_registry_without_a_scanner_is_refused(world: World, slipway: Any) -> None:
    assert "which has no scanner" in refused(slipway("scan", "--stack", "dev"))


def test_the_images_of_the_last_update_are_meant_and_else_those_of_this_commit(
    world: World, slipway: Any
) -> None:
    with pytest.raises(Exception, match="not made yet, so nobody has scanned them: shop"):
        scan.images_of(open_stack("dev"), None)
    world.made(D2)
    assert scan.images_of(open_stack("dev"), None) == {"shop": (f"{PLACE}/dev/shop", D2)}
    world.deployed(digest=D1)
    assert scan.images_of(open_stack("dev"), None) == {"shop": (f"{PLACE}/dev/shop", D1)}


def test_a_bad_image_is_named_with_what_to_do(
    world: World, slipway: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.deployed()
    flaws = [Flaw(name="CVE-1", severity="CRITICAL"), Flaw(name="CVE-2", severity="LOW")]
    monkeypatch.setattr(scan, "refuse_elsewhere", lambda _: None)
    monkeypatch.setattr(scan, "manifests_of", lambda *_: [D1])
    monkeypatch.setattr(ImageScans, "flaws", lambda *_: flaws)
    text = refused(slipway("scan", "--stack", "dev"))
    assert "shop: CVE-1 (critical)" in text
    assert "slipway:scan: {accept:" in text
    world.stack("dev", scan={"accept": ["CVE-1"]})
    assert "1 critical, 1 low, 1 of them accepted" in ok(slipway("scan", "--stack", "dev"))
    assert '"refused": []' in ok(slipway("scan", "--stack", "dev", "--json"))
