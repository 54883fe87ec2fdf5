"""Names of images: given once, never moved, and won by the first of two builders."""

from __future__ import annotations

from typing import Any

import pytest

from clients.registry import Manifest, NameTakenError
from tests.unit.test_provider_image import D1, D2, SRC, Bench, inputs


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_release_names_are_given_to_an_image_that_is_there(bench: Bench) -> None:
    old = bench.up(inputs())
    made = bench.up(inputs(release_names=["v1"], movable_names=["latest"]), old)
    assert bench.builds == ["shop"]
    assert bench.names == {SRC: D1, "abc1234": D1, "v1": D1, "latest": D1}
    assert made.outputs["tag"] == "v1"


def test_a_release_name_of_other_content_is_refused_before_anything_is_built(
    bench: Bench,
) -> None:
    bench.names["v1"] = D2
    for attempt in (bench.preview, bench.up):
        with pytest.raises(NameTakenError, match=D2):
            attempt(inputs(release_names=["v1"]))
    assert bench.builds == []
    assert bench.names == {"v1": D2}


def test_a_build_name_of_other_content_is_refused_and_again_at_the_next_try(
    bench: Bench,
) -> None:
    bench.names["abc1234"] = D2
    for _ in range(2):
        with pytest.raises(NameTakenError) as error:
            bench.up(inputs())
        assert D1 in str(error.value)
        assert D2 in str(error.value)
    assert bench.names == {"abc1234": D2}


def test_of_two_builders_of_one_key_both_end_with_the_first_one_s_digest(bench: Bench) -> None:
    def somebody_else_first(at: object, request: Any, show: Any, cancelled: object) -> str:
        bench.names.update({SRC: D2, "abc1234": D2})
        return D1

    bench.world.builder.build = somebody_else_first  # type: ignore[method-assign]
    made = bench.up(inputs())
    assert made.outputs["digest"] == D2
    assert bench.names == {SRC: D2, "abc1234": D2}
    assert any("somebody else built the same content first" in line for line in bench.lines.facts)


def test_a_builder_beaten_between_its_look_and_its_write_takes_the_winner_too(
    bench: Bench,
) -> None:
    put = bench.world.store.put

    def beaten(manifest: Manifest, name: str) -> None:
        if name == SRC:
            bench.names[SRC] = D2
        put(manifest, name)

    bench.world.store.put = beaten  # type: ignore[method-assign]
    assert bench.up(inputs()).outputs["digest"] == D2
    assert bench.names[SRC] == D2


def test_an_image_whose_builder_ended_before_naming_it_gets_its_build_name(bench: Bench) -> None:
    bench.names[SRC] = D1
    assert bench.up(inputs()).outputs["tag"] == "abc1234"
    assert bench.names["abc1234"] == D1
    assert bench.builds == []
