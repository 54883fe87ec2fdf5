"""Each system has a module of its own; what waits for other parts is printed at the end."""

from __future__ import annotations

import pytest

from tests.systems.waiting import WAITING


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The table of what is not there yet."""
    terminalreporter.section("parts of the five systems that wait")
    for system, part, waits_for in WAITING:
        terminalreporter.line(f"{system:24} {part:52} {waits_for}")
    if not WAITING:
        terminalreporter.line("none")
