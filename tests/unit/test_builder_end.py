"""How a build ends: failed, too late, cancelled; and what of it is shown."""

from __future__ import annotations

import base64
import json
import threading
import time
from pathlib import Path

import pytest

from clients import CancelledError
from clients.builder_choice import BuildError
from clients.builder_progress import Progress
from clients.git import Checkout
from tests.unit.test_builder import at, build, log

__all__ = ["at", "log"]  # fixtures


def test_a_failing_build_shows_the_last_lines_of_its_log(log: Path, at: Checkout) -> None:
    lines = "".join(
        json.dumps({"logs": [{"vertex": "v", "stream": 1, "data": _base64(f"line {n}\n")}]}) + "\n"
        for n in range(50)
    )
    (log / "lines").write_text(lines + "ERROR: failed to solve: exit code 7\n")
    (log / "do").write_text('cat "$log/lines" >&2; exit 1\n')
    with pytest.raises(BuildError) as error:
        build(at)
    text = str(error.value)
    assert text.startswith("app: the build failed:\n")
    assert "line 49" in text
    assert "line 20\n" in text
    assert "line 19\n" not in text
    assert text.endswith("ERROR: failed to solve: exit code 7")


def test_a_build_that_takes_too_long_is_ended_with_all_its_processes(
    log: Path, at: Checkout
) -> None:
    (log / "do").write_text('sleep 60 & echo $! > "$log/child"; wait\n')
    began = time.monotonic()
    with pytest.raises(BuildError, match="took longer than its limit of 1 s"):
        build(at, timeout=1)
    assert time.monotonic() - began < 8
    assert not alive(int((log / "child").read_text()))


def test_cancelling_ends_a_build_at_once_with_all_its_processes(log: Path, at: Checkout) -> None:
    (log / "do").write_text('sleep 60 & echo $! > "$log/child"; wait\n')
    cancelled = threading.Event()
    threading.Timer(0.7, cancelled.set).start()
    began = time.monotonic()
    with pytest.raises(CancelledError):
        build(at, cancelled=cancelled)
    assert time.monotonic() - began < 5
    assert not alive(int((log / "child").read_text()))


def test_steps_and_their_output_are_shown() -> None:
    shown: list[str] = []
    progress = Progress(shown.append)
    step = {"digest": "v", "name": "[2/3] RUN  make", "started": "2026-01-01T00:00:00Z"}
    internal = {"digest": "i", "name": "[internal] load", "started": "2026-01-01T00:00:00Z"}
    progress.line(json.dumps({"vertexes": [step, internal]}))
    progress.line(json.dumps({"vertexes": [step]}))
    progress.line(json.dumps({"logs": [{"vertex": "v", "data": _base64("\x1b[31mred\x1b[0m\n")}]}))
    progress.line("not json at all")
    assert shown == ["[2/3] RUN make", "2/3: red"]
    assert progress.report() == "red\nnot json at all"


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split(")")[-1].split()[0] != "Z"
    except FileNotFoundError:
        return False
