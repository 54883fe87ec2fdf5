"""What several unit tests stand on: the offline aws plugin, on a moto server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.offline_aws_engine import Engine, configuration, engine, moto_server


@pytest.fixture(scope="module")
def moto_url() -> Iterator[str]:
    """The URL of a moto server with nothing in it."""
    with moto_server() as url:
        yield url


@pytest.fixture
def asking(moto_url: str) -> Iterator[Engine]:
    """An engine with a configured aws plugin."""
    with engine(configuration(moto_url)) as asking:
        yield asking
