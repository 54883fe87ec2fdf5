"""`slipway unlock`: a lock is broken only if its holder is provably dead."""

from __future__ import annotations

import json
import os
import socket
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.shop_stack import World, slipway, world

__all__ = ["slipway", "world"]
HERE = socket.gethostname()


@pytest.fixture
def locks(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the stack dev's locks in a file backend."""
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{tmp_path / 'state'}")
    folder = tmp_path / "state" / ".pulumi" / "locks" / "organization" / "slipway" / "dev"
    folder.mkdir(parents=True)
    return folder


def lock(folder: Path, pid: int, *, host: str = HERE, age: float = 60.0) -> Path:
    """A lock as Pulumi writes it, with Go's nanoseconds."""
    taken = datetime.now(UTC) - timedelta(seconds=age)
    stamp = taken.strftime("%Y-%m-%dT%H:%M:%S.%f") + "123Z"
    said = {"pid": pid, "username": "ann", "hostname": host, "timestamp": stamp}
    file = folder / "0b6d3a3e-0000-4000-8000-000000000000.json"
    file.write_text(json.dumps(said))
    file.with_name(f"{file.name}.attrs").write_text("{}")
    return file


def dead_pid() -> int:
    """A number that no process has, and that none gets: the kernel's are below it."""
    return int(Path("/proc/sys/kernel/pid_max").read_text())


@pytest.fixture
def sleeper() -> Iterator[int]:
    """A process that runs, started now."""
    process = subprocess.Popen(["sleep", "60"])
    yield process.pid
    process.kill()
    process.wait()


@pytest.mark.fault(9, "the lock of a process that is gone")
def test_a_lock_of_a_dead_process_is_broken(locks: Path, slipway: Any) -> None:
    pid = dead_pid()
    lock(locks, pid, age=3725)
    done = slipway("unlock", "dev")
    assert done.code == 0
    assert f"dev: locked by ann@{HERE}, process {pid}, for 1 h 2 min" in done.out
    assert f"broken: there is no process {pid} any more" in done.out
    assert list(locks.iterdir()) == []


def test_a_dry_run_breaks_nothing(locks: Path, slipway: Any) -> None:
    file = lock(locks, dead_pid())
    assert "would be broken" in slipway("unlock", "dev", "--dry-run").out
    assert file.exists()


@pytest.mark.fault(9, "the lock of a process that runs")
def test_a_lock_of_a_living_process_is_kept(locks: Path, slipway: Any) -> None:
    file = lock(locks, os.getpid(), age=0)
    kept = slipway("unlock", "dev")
    assert kept.code == 1
    assert f"kept: process {os.getpid()} runs, since before the lock was taken" in kept.out
    assert "pulumi cancel --stack dev" in kept.out
    assert file.exists()


def test_a_process_that_was_killed_and_that_nobody_waited_for_is_dead(
    locks: Path, slipway: Any
) -> None:
    killed = subprocess.Popen(["sleep", "60"])
    file = lock(locks, killed.pid, age=0)
    killed.kill()
    os.waitid(os.P_PID, killed.pid, os.WEXITED | os.WNOWAIT)
    done = slipway("unlock", "dev")
    killed.wait()
    assert done.code == 0, done.out
    assert not file.exists()


def test_a_number_that_another_process_has_by_now_is_dead(
    locks: Path, slipway: Any, sleeper: int
) -> None:
    file = lock(locks, sleeper, age=3600)
    said = slipway("unlock", "dev")
    assert said.code == 0
    assert f"process {sleeper} is another one, started after the lock was taken" in said.out
    assert not file.exists()


@pytest.mark.fault(9, "the lock of another machine")
def test_a_lock_of_another_machine_is_kept(locks: Path, slipway: Any) -> None:
    file = lock(locks, dead_pid(), host="elsewhere")
    kept = slipway("unlock", "dev", "--json")
    assert kept.code == 1
    (told,) = json.loads(kept.out)["locks"]
    assert (told["dead"], told["broken"]) == (False, False)
    assert told["proof"] == f"it was taken on 'elsewhere', and this is {HERE!r}"
    assert file.exists()


def test_a_lock_that_is_none_is_told_and_kept(locks: Path, slipway: Any) -> None:
    file = locks / "x.json"
    file.write_text("{}")
    refused = slipway("unlock", "dev")
    assert refused.code == 1
    assert "is no lock that this can read" in refused.err
    assert file.exists()


def test_without_a_lock_it_says_so(locks: Path, slipway: Any) -> None:
    assert slipway("unlock", "dev").out == "dev: nobody holds a lock\n"


def test_another_backend_is_named(
    world: World, slipway: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULUMI_BACKEND_URL", "s3://some-bucket")
    refused = slipway("unlock", "dev")
    assert refused.code == 1
    assert "the state is kept in s3://some-bucket" in refused.err
    assert "pulumi cancel" in refused.err


def test_the_backend_of_pulumi_yaml_counts_where_the_environment_names_none(
    world: World, slipway: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PULUMI_BACKEND_URL", raising=False)
    world.write("deploy/Pulumi.yaml", "name: slipway\nbackend: {url: 'file://./state'}\n")
    folder = world.top / "deploy/state/.pulumi/locks/organization/slipway/dev"
    folder.mkdir(parents=True)
    file = lock(folder, dead_pid())
    assert slipway("unlock", "dev").code == 0
    assert not file.exists()
