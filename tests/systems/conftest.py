"""Each system has a module and a cloud of its own; what waits for other parts is printed."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.estate import Estate
from tests.systems.waiting import WAITING


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    """A cloud for one module: recipes name the same buckets, as their users' accounts do not."""
    estate = Estate(tmp_path_factory.mktemp("estate"), dict(os.environ))
    estate.start_cloud()
    try:
        yield estate
    finally:
        estate.stop_cloud()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The table of what is not there yet."""
    terminalreporter.section("parts of the five systems that wait")
    for system, part, waits_for in WAITING:
        terminalreporter.line(f"{system:24} {part:52} {waits_for}")
    if not WAITING:
        terminalreporter.line("none")
