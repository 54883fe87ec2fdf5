"""What the tests of faults share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.estate import Estate
from tests.faults.shop import STACK, Shop


@pytest.fixture(scope="module")
def stack(estate: Estate, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A stack that was deployed once."""
    shop = Shop.of(estate, tmp_path_factory.mktemp("faults"))
    try:
        shop.edit("Welcome")
        estate.select(STACK, shop.slipway)
        shop.up().ok()
        yield shop
    finally:
        shop.close()


@pytest.fixture
def shop(stack: Shop) -> Iterator[Shop]:
    """It, and no faults before and after a test."""
    stack.aws.mend()
    stack.registry.mend()
    yield stack
    stack.aws.mend()
    stack.registry.mend()
