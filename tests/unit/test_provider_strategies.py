"""The strategies of an image that make releases: rebuild, redeploy, promotion from elsewhere."""

from __future__ import annotations

from typing import Any

import pytest

from clients import ClientError
from clients.registry import NameTakenError
from provider.promotion import NotMadeError
from provider.redeploy import GoneError
from provider.wire import UNKNOWN
from tests.unit.test_provider_image import D1, D2, RECORD, REPOSITORY, SRC, Bench, inputs

SOURCE = "20261120T101500Z-a1b2c3d-0f0f0f"


@pytest.fixture
def bench() -> Bench:
    return Bench()


def release(strategy: str, version: str | None, **more: Any) -> dict[str, Any]:
    names = [version] if version else []
    return inputs(strategy=strategy, build_names=[], release_names=names, **more)


def test_a_rebuild_builds_content_that_is_there_already(bench: Bench) -> None:
    bench.names[SRC] = D2
    made = bench.up(release("rebuild", "v1.7.0"))
    assert bench.builds == ["shop"]
    assert bench.world.builder.fresh == [True], "nothing of the builder's cache is taken"
    assert bench.names == {SRC: D2, "v1.7.0": D1}, "a rebuild has no content name"
    assert made.outputs["tag"] == "v1.7.0"


def test_a_rebuild_of_a_release_that_exists_is_a_redeployment(bench: Bench) -> None:
    bench.names["v1.7.0"] = D2
    made = bench.up(release("rebuild", "v1.7.0"))
    assert bench.builds == []
    assert made.outputs["digest"] == D2


def test_a_preview_of_a_rebuild_says_so_and_does_nothing(bench: Bench) -> None:
    shown = bench.preview(release("rebuild", "v1.7.0"))
    assert shown["digest"] is UNKNOWN
    assert "v1.7.0 is a new release" in bench.lines.facts[-1]
    assert (bench.builds, bench.names) == ([], {})


def test_another_commit_is_no_change_of_a_release_that_was_rebuilt(bench: Bench) -> None:
    old = bench.up(release("rebuild", "v1.7.0"))
    assert not bench.diff(old, release("rebuild", "v1.7.0", key="cd" * 20)).changed
    assert bench.diff(old, release("rebuild", "v1.8.0")).changed == ["release_names"]


def redeployed(digest: str) -> dict[str, Any]:
    wanted = {"wanted_digest": digest, "wanted_tag": "abc1234", "record": SOURCE}
    return inputs(strategy="redeploy", **wanted)


def test_a_record_s_image_is_redeployed_by_its_digest_without_a_name(bench: Bench) -> None:
    bench.names[D2] = D2
    made = bench.up(redeployed(D2))
    assert (made.outputs["digest"], made.outputs["tag"]) == (D2, "abc1234")
    assert bench.world.store.puts == []
    assert bench.builds == []


@pytest.mark.fault(15, "the image of the record was deleted")
def test_an_image_that_is_gone_is_refused_by_its_record(bench: Bench) -> None:
    with pytest.raises(GoneError, match=SOURCE):
        bench.up(redeployed(D2))
    assert bench.builds == []


def test_going_back_to_building_is_a_change_and_the_same_record_is_none(bench: Bench) -> None:
    bench.names.update({D2: D2, SRC: D1})
    old = bench.up(redeployed(D2))
    assert not bench.diff(old, redeployed(D2)).changed
    assert bench.diff(old, inputs()).changed == ["strategy"]


def test_a_source_decides_and_not_this_commit_s_content(bench: Bench) -> None:
    bench.names.update({SRC: D1, D2: D2})
    made = bench.up(release("promote", "v1.2.0", wanted_digest=D2, record=SOURCE))
    assert made.outputs["digest"] == D2
    assert bench.names["v1.2.0"] == D2
    assert made.outputs["reason"] == f"promoted from {SOURCE}"


@pytest.mark.fault(34, "another digest than the tested one")
def test_a_release_that_is_something_else_than_the_source_is_refused(bench: Bench) -> None:
    bench.names.update({"v1.2.0": D1, D2: D2})
    with pytest.raises(NameTakenError):
        bench.up(release("promote", "v1.2.0", wanted_digest=D2, record=SOURCE))
    assert bench.names["v1.2.0"] == D1


def test_content_that_the_origin_never_had_is_refused_by_the_origin_s_name(bench: Bench) -> None:
    with pytest.raises(NotMadeError, match="dev/shop has no content of this commit"):
        bench.up(release("promote", "v1.2.0", origin=REPOSITORY))


@pytest.mark.parametrize("strategy", ["build", "rebuild", "promote"])
def test_a_held_stack_gives_no_name_and_builds_nothing(bench: Bench, strategy: str) -> None:
    bench.names[SRC] = D1
    bench.world.deployment.held = "prod is held at v1.1.0"
    with pytest.raises(ClientError, match=r"held at v1\.1\.0"):
        bench.up(release(strategy, "v1.2.0"))
    assert bench.world.store.puts == []
    assert bench.builds == []


def test_every_update_says_which_record_it_belongs_to(bench: Bench) -> None:
    assert bench.up(inputs()).outputs["deployment"] == RECORD
    assert bench.preview(inputs())["deployment"] is UNKNOWN


def test_an_unknown_strategy_is_refused_by_name(bench: Bench) -> None:
    wrong = bench.resource.check(inputs(strategy="retag"))
    assert "allowed: build, rebuild, promote, redeploy" in wrong["strategy"]
    assert "wanted_digest" in bench.resource.check(inputs(strategy="redeploy"))
