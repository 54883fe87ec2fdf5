"""Promotion and rollback: a release is content that is there, and nothing is built."""

from __future__ import annotations

from typing import Any

import pytest

from provider.promotion import NotMadeError
from provider.wire import UNKNOWN
from tests.unit.test_provider_image import D1, D2, KEY, SRC, Bench, inputs


@pytest.fixture
def bench() -> Bench:
    return Bench()


def release(version: str | None, **more: Any) -> dict[str, Any]:
    names = [version] if version else []
    return inputs(strategy="promote", build_names=[], release_names=names, **more)


def test_a_new_version_names_what_another_stack_has_built(bench: Bench) -> None:
    bench.names[SRC] = D1
    made = bench.up(release("v1.2.0"))
    assert made.outputs["digest"] == D1
    assert made.outputs["tag"] == "v1.2.0"
    assert bench.world.store.puts == ["v1.2.0"]
    assert bench.builds == []


def test_a_version_that_exists_is_redeployed_from_any_commit(bench: Bench) -> None:
    bench.names.update({SRC: D2, "v1.1.0": D1})
    made = bench.up(release("v1.1.0"))
    assert made.outputs["digest"] == D1
    assert bench.world.store.puts == []
    assert f"shop: v1.1.0 exists: redeploying {D1}" in bench.lines.facts


def test_content_that_nobody_built_is_refused_and_never_built(bench: Bench) -> None:
    with pytest.raises(
        NotMadeError, match=r"v1\.2\.0 does not exist.*has no content of this commit"
    ):
        bench.up(release("v1.2.0"))
    assert bench.builds == []
    assert bench.names == {}


def test_a_preview_tells_what_is_yet_to_be_built_and_fails_not(bench: Bench) -> None:
    shown = bench.preview(release("v1.2.0"))
    assert shown["digest"] is UNKNOWN
    assert "has to make it first" in bench.lines.facts[-1]


def test_a_preview_knows_the_digest_and_writes_nothing(bench: Bench) -> None:
    bench.names[SRC] = D1
    assert bench.preview(release("v1.2.0"))["digest"] == D1
    assert bench.world.store.puts == []


def test_another_commit_at_the_same_version_is_no_change(bench: Bench) -> None:
    bench.names[SRC] = D1
    old = bench.up(release("v1.2.0"))
    assert not bench.diff(old, release("v1.2.0", key="cd" * 20)).changed


def test_another_version_is_a_change_and_a_moved_one_too(bench: Bench) -> None:
    bench.names[SRC] = D1
    old = bench.up(release("v1.2.0"))
    assert bench.diff(old, release("v1.3.0")).changed == ["release_names"]
    bench.names["v1.2.0"] = D2
    assert bench.diff(old, release("v1.2.0")).changed == ["digest"]


def test_a_preview_without_a_version_stays_at_the_recorded_release(bench: Bench) -> None:
    bench.names[SRC] = D1
    old = bench.up(release("v1.2.0"))
    assert not bench.diff(old, release(None)).changed
    assert not bench.diff(old, release(None, key="cd" * 20)).changed
    assert "yet to be built by another stack" in bench.lines.facts[-1]


def test_a_refresh_looks_at_the_release_and_not_at_the_key(bench: Bench) -> None:
    bench.names.update({"v1.1.0": D1})
    old = bench.up(release("v1.1.0"))
    assert KEY not in str(bench.names)
    assert bench.resource.read(bench.call, old) == old.outputs
