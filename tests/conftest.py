"""A whole estate for tests: a scratch monorepo that holds slipway in a subfolder, a local cloud of
its own on free ports, and the real Pulumi engine."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest

from tests.estate import Estate


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    """A running local cloud and a monorepo with one commit, for one module's tests."""
    if not shutil.which("pulumi"):
        pytest.fail("pulumi is not on PATH: run these tests by `make e2e`")
    estate = Estate(tmp_path_factory.mktemp("estate"), dict(os.environ))
    estate.start_cloud()
    try:
        yield estate
    finally:
        estate.stop_cloud()
