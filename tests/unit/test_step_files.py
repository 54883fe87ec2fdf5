"""What the local cloud reads of a machine is what a script printed, and nothing of this machine."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from localcloud.ec2.step_files import StepFiles
from localcloud.place import Place


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@pytest.fixture
def step(place: Place) -> StepFiles:
    """A step whose script was written."""
    made = StepFiles(place, "i-1", "ssm-0")
    made.write_script("echo hello")
    return made


def test_a_script_is_for_roots_eyes_only(place: Place, step: StepFiles) -> None:
    folder = place.machine_steps("i-1") / "ssm-0"
    assert step.folder == "/var/lib/amazon/ssm/i-1/document/orchestration/ssm-0"
    assert (folder / "_script.sh").read_text() == "echo hello"
    assert [each.stat().st_mode & 0o777 for each in (folder, folder / "_script.sh")] == [0o700] * 2


def test_what_was_said_is_read_up_to_its_limit(place: Place, step: StepFiles) -> None:
    assert step.said("stdout", 5) == b""
    (place.machine_steps("i-1") / "ssm-0" / "stdout").write_bytes(b"1234567")
    assert step.said("stdout", 5) == b"12345"
    shutil.rmtree(place.machine_steps("i-1"))
    assert step.said("stdout", 5) == b""


def test_what_a_script_puts_in_the_place_of_its_output_leads_nowhere(
    place: Place, step: StepFiles, tmp_path: Path
) -> None:
    folder = place.machine_steps("i-1") / "ssm-0"
    (tmp_path / "secret").write_text("ours")
    (folder / "stdout").symlink_to(tmp_path / "secret")
    with pytest.raises(OSError, match="stdout"):
        step.said("stdout", 5)
    os.mkfifo(folder / "stderr")
    assert step.said("stderr", 5) == b""
