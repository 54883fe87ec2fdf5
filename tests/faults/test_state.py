"""A state that is locked, left in the middle, or on a full disk: `pulumi up` and its processes."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.faults.faulty import Stop, at
from tests.faults.shop import STACK, UP, Shop

RECORD = r"PutObject records/\*.json"
AS_ROOT = () if os.geteuid() == 0 else ("sudo", "-n")


def unlock(shop: Shop) -> str:
    """As a person does who reads that the stack is locked."""
    argv = (".venv/bin/python", "-m", "cli.app", "unlock", STACK)
    return shop.estate.run(*argv, cwd=shop.slipway).ok()


def pending(shop: Shop) -> list[str]:
    """The types of the operations that the state has as begun and not ended."""
    text = shop.estate.pulumi("stack", "export", "--stack", STACK, cwd=shop.slipway).ok()
    found = json.loads(text)["deployment"].get("pending_operations", [])
    return [f"{each['type']} {each['resource']['type']}" for each in found]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 4 MiB."""
    at = tmp_path / "small"
    at.mkdir()
    argv = [*AS_ROOT, "mount", "-t", "tmpfs", "-o", "size=4m,mode=1777", "slipway-faults", str(at)]
    subprocess.run(argv, check=True)
    yield at
    subprocess.run([*AS_ROOT, "umount", "--lazy", str(at)], check=True)


def fill(folder: Path) -> None:
    """Leaves no room in a file system."""
    file = folder / "fill"
    with file.open("wb", buffering=0) as out, suppress(OSError):
        while True:
            out.write(bytes(4096))
    assert shutil.disk_usage(folder).free == 0


@pytest.mark.fault(8, "a second update of the stack")
def test_a_second_update_is_refused_at_once_with_the_name_of_the_first(
    shop: Shop, tmp_path: Path
) -> None:
    made, log = shop.attempt(), tmp_path / "log"
    stop = Stop()
    shop.aws.fault(RECORD, at(stop))
    first = shop.begin(log)
    try:
        assert stop.arrived.wait(300), log.read_text()
        text = shop.up().refused()
        assert first.poll() is None, "the first one still runs"
    finally:
        stop.go_on.set()
        code = first.wait(300)
    assert "the stack is currently locked by 1 lock(s)" in text
    assert f"(pid {first.pid})" in text
    assert code == 0, log.read_text()
    shop.stands(made, code)
    shop.converges(made)


@pytest.mark.fault(12, "an update ended by kill -9 in the middle of an operation")
def test_an_operation_that_never_ended_is_told_and_the_update_settles_it(
    shop: Shop, tmp_path: Path
) -> None:
    made, log = shop.attempt(), tmp_path / "log"
    stop = Stop()
    shop.aws.fault(RECORD, at(stop))
    process = shop.begin(log)
    assert stop.arrived.wait(300), log.read_text()
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    stop.go_on.set()
    assert f"process {process.pid}" in unlock(shop)
    assert pending(shop) == ["updating rollout:index:DockerRollout"]
    beside = list((shop.estate.folder / "pulumi").rglob("*.attrs"))
    assert not beside, "Pulumi writes these in two steps, and reads no state beside an empty one"
    shop.stands(made, -1)
    text = shop.up().ok()
    assert "pending operation" in text
    assert shop.greeting() == made.new
    assert pending(shop) == []
    shop.has_nothing_to_do()


@pytest.mark.long
@pytest.mark.fault(38, "who reads the log goes away")
def test_a_log_that_nobody_reads_any_more_ends_the_update_and_the_next_converges(
    shop: Shop,
) -> None:
    made = shop.attempt()
    process = subprocess.Popen(
        ["pulumi", *UP, "--non-interactive"],
        cwd=shop.slipway,
        env=shop.estate.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline()
    process.stdout.close()
    code = process.wait(300)
    shop.stands(made, code)
    unlock(shop)
    shop.converges(made)


@pytest.mark.long
@pytest.mark.fault(38, "the disk of the state gets full in the middle")
def test_a_state_without_room_is_one_message_and_the_next_update_converges(
    shop: Shop, small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(shop.estate.folder / "pulumi", small_disk / "pulumi")
    monkeypatch.setitem(
        shop.estate.environment, "PULUMI_BACKEND_URL", f"file://{small_disk}/pulumi"
    )
    made = shop.attempt()
    shop.aws.fault(RECORD, at(lambda: fill(small_disk)))
    ran = shop.up()
    text = ran.refused()
    assert "no space left on device" in text
    shop.stands(made, ran.code)
    (small_disk / "fill").unlink()
    unlock(shop)
    shop.converges(made)
    shutil.copytree(small_disk / "pulumi", shop.estate.folder / "pulumi", dirs_exist_ok=True)
