"""Updates that are interrupted by a signal while they keep their record."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.faulty import Stop, at
from tests.faults.shop import Shop

RECORD = r"PutObject records/\*.json"


def group(process: subprocess.Popen[bytes], *signals: int) -> None:
    """Sends to all processes of an update, as a terminal does."""
    for each in signals:
        os.killpg(process.pid, each)


def interrupted(shop: Shop, log: Path, act: Callable[[subprocess.Popen[bytes]], None]) -> int:
    """The code of an update that is at its record when something happens to it."""
    stop = Stop()
    shop.aws.fault(RECORD, at(stop))
    process = shop.begin(log)
    try:
        assert stop.arrived.wait(300), log.read_text()
        act(process)
        time.sleep(0.5)  # a signal takes its way through the engine to the plugin
        stop.go_on.set()
        return process.wait(300)
    finally:
        stop.go_on.set()
        if process.poll() is None:
            group(process, signal.SIGKILL)
            process.wait()


@pytest.mark.parametrize(
    "signals",
    [
        pytest.param((signal.SIGTERM,), id="SIGTERM"),
        pytest.param((signal.SIGINT,), id="Ctrl-C", marks=pytest.mark.long),
    ],
)
@pytest.mark.fault(7, "SIGTERM or Ctrl-C in an update")
def test_an_update_that_is_interrupted_ends_cleanly_and_the_next_one_converges(
    shop: Shop, tmp_path: Path, signals: tuple[int, ...]
) -> None:
    made, log = shop.attempt(), tmp_path / "log"
    code = interrupted(shop, log, lambda process: group(process, *signals))
    text = log.read_text()
    assert code != 0
    assert "Traceback" not in text
    shop.stands(made, code)
    shop.converges(made)


@pytest.mark.long
@pytest.mark.fault(38, "Ctrl-C twice")
def test_ctrl_c_twice_ends_at_once_and_the_next_update_converges(
    shop: Shop, tmp_path: Path
) -> None:
    made, log = shop.attempt(), tmp_path / "log"

    def press(process: subprocess.Popen[bytes]) -> None:
        group(process, signal.SIGINT)
        time.sleep(1)
        group(process, signal.SIGINT)

    code = interrupted(shop, log, press)
    text = log.read_text()
    assert code != 0
    assert "Traceback" not in text
    shop.stands(made, code)
    shop.converges(made)
