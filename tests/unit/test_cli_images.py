"""`slipway images`, `why`, `latest`, `next`: real git, a registry and records that are fakes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.fakes.shop_stack import D1, D2, PLACE, World, slipway, world

__all__ = ["slipway", "world"]
SHOP = f"{PLACE}/dev/shop"
APP = "services/shop/app.py"


def test_images_lists_key_names_and_what_changed(world: World, slipway: Any) -> None:
    world.made()
    listed = slipway("images")
    head = world.git("rev-parse", "HEAD").strip()
    assert listed.code == 0
    assert head in listed.out
    assert D1[:19] in listed.out
    document = json.loads(slipway("images", "--json").out)
    (shop,) = document["images"]
    assert shop["digest"] == D1
    assert shop["repository"] == SHOP
    assert shop["changed"] == []


def test_images_tells_which_attestations_the_registry_really_has(
    world: World, slipway: Any
) -> None:
    world.made()
    assert json.loads(slipway("images", "--json").out)["images"][0]["attestations"] == []
    about = {"size": 1, "mediaType": "application/vnd.oci.image.manifest.v1+json"}
    hangs = {"vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": D1}
    world.manifests[D1] = {"manifests": [{"digest": D2, "annotations": hangs, **about}]}
    kinds = ("https://slsa.dev/provenance/v0.2", "https://spdx.dev/Document", "https://x.example/y")
    world.manifests[D2] = {
        "layers": [{"annotations": {"in-toto.io/predicate-type": kind}} for kind in kinds]
    }
    (shop,) = json.loads(slipway("images", "--json").out)["images"]
    assert shop["attestations"] == ["https://x.example/y", "provenance", "sbom"]


def test_images_names_files_that_differ_from_main_and_uncommitted_ones(
    world: World, slipway: Any
) -> None:
    world.git("switch", "--quiet", "--create", "feature")
    world.write(APP, "print('two')\n")
    world.commit()
    world.write("services/shop/new.py", "")
    (shop,) = json.loads(slipway("images", "--json").out)["images"]
    assert shop["digest"] is None
    assert shop["changed"] == [APP, "services/shop/new.py"]
    assert shop["uncommitted"] == ["services/shop/new.py"]
    assert "-dirty-" in shop["names"][0]


def test_why_says_nothing_changed(world: World, slipway: Any) -> None:
    world.made()
    world.deployed()
    said = slipway("why").out
    assert said.startswith("shop: skipped\n  nothing changed since the last record")
    assert "FROM debian:bookworm is a tag" in said


def edit(world: World) -> None:
    world.write(APP, "print('two')\n" * 5)


def delete(world: World) -> None:
    (world.top / APP).unlink()


def rename(world: World) -> None:
    world.git("mv", APP, "services/shop/main.py")


def make_executable(world: World) -> None:
    (world.top / APP).chmod(0o755)


def edit_dockerfile(world: World) -> None:
    world.write("services/shop/Dockerfile", "FROM debian:trixie\n")


def new_argument(world: World) -> None:
    world.stack("dev", build={"args": {"BASE": "x"}})


def new_platforms(world: World) -> None:
    world.stack("dev", build={"platforms": ["linux/arm64"]})


def attest(world: World) -> None:
    world.stack("dev", build={"attest": False})


def elsewhere(world: World) -> None:
    world.stack("dev", registry={"kind": PLACE, "repository": "other/{image}"})


def shared(world: World) -> None:
    world.write("libs/x.py", "1")
    world.write("services/shop/image.yaml", "inputs: [libs]\n")


REAL = {
    edit: f"  {APP} changed",
    delete: f"  {APP} deleted",
    rename: f"  {APP} is now services/shop/main.py",
    make_executable: f"  only the mode of {APP} changed: 644 to 755",
    edit_dockerfile: "  the Dockerfile services/shop/Dockerfile changed",
    new_argument: "  the build argument BASE is new: x",
    new_platforms: "  the platforms are linux/arm64, and were the builder's own",
    attest: "  attest is false, and was true",
    elsewhere: f"  its repository is {PLACE}/other/shop now, and was {SHOP}",
    shared: "  libs is an input now",
}


@pytest.mark.parametrize("change", REAL, ids=lambda each: each.__name__)
def test_why_names_what_really_changed(world: World, slipway: Any, change: Any) -> None:
    world.deployed()
    change(world)
    said = slipway("why", "shop")
    print(said.out)
    assert said.code == 0, said.err
    assert said.out.splitlines()[0] == "shop: built"
    assert REAL[change] in said.out.splitlines()


def test_a_changed_shared_input_is_named_by_its_file(world: World, slipway: Any) -> None:
    shared(world)
    world.deployed()
    world.write("libs/x.py", "2")
    said = slipway("why").out
    assert "  the shared input libs/x.py changed" in said.splitlines()
    assert "  not committed: " in said


def test_why_of_vanished_content_and_of_a_new_image(world: World, slipway: Any) -> None:
    world.deployed()
    assert "has vanished from" in slipway("why").out
    world.write("services/atta/Dockerfile", "FROM scratch\n")
    assert "the last record has no image atta" in slipway("why", "atta").out


def test_why_in_a_stack_that_promotes(world: World, slipway: Any) -> None:
    release = {
        "images": "promote", "names": ["{version}"], "origin": {"repository": "dev/{image}"},
    }  # fmt: skip
    registry = {"kind": PLACE, "repository": "prod/{image}"}
    world.stack("prod", release=release, registry=registry, version="v1.2.0")
    refused = slipway("why", "--stack", "prod").out
    assert refused.startswith("shop: refused\n  no image of this content")
    world.made(D2)
    assert "becomes v1.2.0; nothing is built" in slipway("why", "--stack", "prod").out
    world.names[f"{PLACE}/prod/shop"] = {"v1.2.0": D1}
    document = json.loads(slipway("why", "--stack", "prod", "--json").out)
    (shop,) = document["images"]
    assert shop["verdict"] == "redeployed"
    assert shop["causes"][0]["kind"] == "release exists"


@pytest.mark.parametrize("command", [["why"], ["latest"], ["next"], ["run"]])
def test_an_image_that_does_not_exist_is_refused(
    world: World, slipway: Any, command: list[str]
) -> None:
    bump = ["minor"] if command == ["next"] else []
    refused = slipway(*command, "nope", *bump)
    assert refused.code == 1
    assert refused.err == "slipway: there is no image 'nope'; allowed: shop\n"


def test_the_latest_version_is_the_highest_by_number_among_plain_ones(
    world: World, slipway: Any
) -> None:
    tags = ["1.9.0", "1.10.0", "latest", "1.10.0-a1b2c3d", "2.0.0-rc.1", "src-ab", "01.99.0"]
    world.names[SHOP] = dict.fromkeys(tags, D1)
    assert slipway("latest", "shop").out == "1.10.0\n"
    assert slipway("next", "shop", "minor").out == "1.11.0\n"
    assert json.loads(slipway("latest", "shop", "--json").out)["version"] == "1.10.0"


def test_without_a_version_latest_says_so_and_next_is_the_first(world: World, slipway: Any) -> None:
    none = slipway("latest", "shop")
    assert none.code == 1
    assert "has no version X.Y.Z yet; the first will be 0.1.0" in none.err
    assert slipway("next", "shop", "major").out == "0.1.0\n"


def test_a_bump_that_is_none_is_refused(world: World, slipway: Any) -> None:
    assert "allowed: patch, minor, major" in slipway("next", "shop", "huge").err


def test_words_that_are_not_understood_end_with_code_2(world: World, slipway: Any) -> None:
    assert slipway("images", "--nonsense").code == 2
    assert slipway("nonsense").code == 2


def test_a_stack_that_does_not_exist_is_one_message(world: World, slipway: Any) -> None:
    refused = slipway("images", "--stack", "nope")
    assert refused.code == 1
    assert "there is no stack file Pulumi.nope.yaml" in refused.err
