"""Planning starts the same few processes for ten images and for two hundred."""

from __future__ import annotations

import subprocess
from pathlib import Path

from bench.planning import counted, plan
from bench.scratch_repository import CHANGED, make

MOST = 12


def started(folder: Path, images: int) -> int:
    make(folder, images)
    with counted() as count:
        seen = plan(folder)
    assert len(seen.images) == images
    touched = [image for image in seen.images.values() if image.changed]
    assert len(touched) == CHANGED + 1  # the committed ones, and the one that is only edited
    assert sum(bool(image.dirty) for image in seen.images.values()) == 1
    return count.started


def test_the_number_of_processes_does_not_grow_with_the_images(tmp_path: Path) -> None:
    few, many = started(tmp_path / "few", 10), started(tmp_path / "many", 200)
    assert few == many
    assert 0 < few <= MOST


def test_a_process_is_counted_however_it_is_started() -> None:
    with counted() as count:
        subprocess.run(["true"], check=True)
        subprocess.check_output(["true"])
    assert count.started == 2
