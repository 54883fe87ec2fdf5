"""A whole estate for tests: a scratch monorepo that holds slipway in a subfolder, a local cloud of
its own on free ports, and the real Pulumi engine."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest

from tests import fault_journal, workers
from tests.estate import Estate


def _has_own_engine(session: pytest.Session) -> str | None:
    """The worker that this process is, if tests want an engine and it is not the first one."""
    worker: str = getattr(session.config, "workerinput", {}).get("workerid", workers.FIRST)
    return worker if os.environ.get(workers.WANTED) and worker != workers.FIRST else None


def pytest_configure(config: pytest.Config) -> None:
    """Before tests are collected."""
    fault_journal.register(config)


def pytest_sessionstart(session: pytest.Session) -> None:
    """Before the first test of a process."""
    if worker := _has_own_engine(session):
        workers.start(worker)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """After its last one."""
    if _has_own_engine(session):
        workers.stop()


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
