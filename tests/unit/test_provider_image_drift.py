"""What the registry no longer has, or has otherwise, is a diff of Image with its reason."""

from __future__ import annotations

import pytest

from provider.wire import UNKNOWN
from tests.unit.test_provider_image import D1, D2, SRC, Bench, inputs


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_a_vanished_image_is_a_diff_and_is_built_again_with_the_reason(bench: Bench) -> None:
    old = bench.up(inputs())
    bench.names.clear()
    assert bench.diff(old, inputs()).changed == ["digest"]
    assert bench.preview(inputs(), old)["digest"] == UNKNOWN
    assert "shop: will be built because src-" in bench.lines.facts[-1]
    assert "has vanished from" in bench.lines.facts[-1]
    bench.up(inputs(), old)
    assert bench.names[SRC] == D1


def test_another_digest_behind_the_key_is_a_diff_that_says_so(bench: Bench) -> None:
    old = bench.up(inputs())
    bench.names[SRC] = D2
    assert bench.diff(old, inputs()).changed == ["digest"]
    assert D2 in bench.lines.facts[-1]
    assert D1 in bench.lines.facts[-1]


def test_a_refresh_forgets_a_vanished_image(bench: Bench) -> None:
    old = bench.up(inputs())
    assert bench.resource.read(bench.call, old) == old.outputs
    bench.names.clear()
    assert bench.resource.read(bench.call, old) is None
