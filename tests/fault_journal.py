"""Takes down what happened when faults were injected: a pytest plugin.

A test that injects a fault says so by `@pytest.mark.fault(number, "the fault in a few words")`.
Where SLIPWAY_FAULTS names a file, only those tests run, with the tests of their module that they
stand on (`after=["test_..."]`), and the file gets a line of JSON for each.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

WANTED = "SLIPWAY_FAULTS"
"""The file to write."""


@dataclass(eq=False)
class FaultJournal:
    """The tests of one run, each with its faults."""

    file: Path
    lines: list[dict[str, Any]] = field(default_factory=list)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        """Leaves out what injects no fault and is stood on by nothing that does."""
        chosen = {each.nodeid for each in items if _faults(each)}
        stood_on = {
            (each.path, name)
            for each in items
            for mark in each.iter_markers("fault")
            for name in mark.kwargs.get("after", ())
        }
        kept: list[pytest.Item] = []
        left: list[pytest.Item] = []
        for item in items:
            wanted = item.nodeid in chosen or (item.path, _function(item)) in stood_on
            (kept if wanted else left).append(item)
            for number, fault in _faults(item):
                item.user_properties.append(("fault", [number, fault, _function(item)]))
        items[:] = kept
        config.hook.pytest_deselected(items=left)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Of a test it is the call that counts, or the set-up that failed."""
        if report.when != "call" and (report.when != "setup" or report.passed):
            return
        for name, value in report.user_properties:
            if name == "fault" and isinstance(value, list):
                number, fault, function = value
                line = {"number": number, "fault": fault, "test": function}
                line |= {"file": report.nodeid.partition("::")[0], "outcome": report.outcome}
                self.lines.append({**line, "seconds": report.duration})

    def pytest_sessionfinish(self) -> None:
        """Writes them, one JSON object a line."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.file.write_text("".join(json.dumps(each) + "\n" for each in self.lines))


class _Silent(FaultJournal):
    """In a process of pytest-xdist: chooses the tests; what happened goes to the first process."""

    def pytest_sessionfinish(self) -> None:
        """Nothing to write."""


def register(config: pytest.Config) -> None:
    """Activates it where it is asked for."""
    if file := os.environ.get(WANTED):
        kind = _Silent if hasattr(config, "workerinput") else FaultJournal
        config.pluginmanager.register(kind(Path(file)), "fault-journal")


def _faults(item: pytest.Item) -> list[tuple[int, str]]:
    return [(mark.args[0], mark.args[1]) for mark in item.iter_markers("fault")]


def _function(item: pytest.Item) -> str:
    return str(getattr(item, "originalname", None) or item.name)
