"""Planning an update: which images there are, their keys, what is dirty, what changed."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

from bench import planning_reference, scratch_repository
from bench.row import Row, best
from infra.look import Look, look
from infra.settings import read_settings

SIZES = (10, 100, 1000, 5000)
_SOURCE = "bench/planning_reference.py"


class Count:
    """How many processes were started."""

    started = 0


def rows() -> Iterator[Row]:
    """Two rows for each size: against a process per image, and against what git itself takes."""
    for images in SIZES:
        with TemporaryDirectory(prefix="slipway-bench-") as folder:
            yield from _rows(scratch_repository.make(Path(folder), images), images)


def plan(folder: Path) -> Look:
    """What a preview does before it asks anybody."""
    keys = {"aws:region": "eu-west-1", "slipway:bundles": '{"bucket": "acme-deploys"}'}
    return look(read_settings("slipway", "dev", keys), folder)


@contextmanager
def counted() -> Iterator[Count]:
    """Counts the processes that are started meanwhile."""
    count = Count()

    class Counted(subprocess.Popen[bytes]):
        def __init__(self, *args: Any, **options: Any) -> None:
            count.started += 1
            super().__init__(*args, **options)

    with patch.object(subprocess, "Popen", Counted):
        yield count


def _rows(folder: Path, images: int) -> Iterator[Row]:
    with counted() as count:
        seen = plan(folder)
    if len(seen.images) != images:
        raise RuntimeError(f"{len(seen.images)} images were planned, {images} are there")
    services = scratch_repository.services(images)
    ours, alone, each = best(
        partial(plan, folder),
        partial(planning_reference.git_alone, folder),
        partial(planning_reference.one_diff_each, folder, services),
        times=5 if images < max(SIZES) else 3,
    )
    asked = min(images, planning_reference.MOST)
    what = f"plan {images:,} images, {images * scratch_repository.FILES:,} files"
    note = f"{count.started} processes"
    yield Row(
        what=what,
        ours=ours,
        note=note,
        against="one `git diff --quiet` per image",
        theirs=each * images / asked,
        remark=f"{images:,} processes" + (f" ({asked} run, scaled)" if asked < images else ""),
        source=_SOURCE,
        curve="planning",
        size=images,
    )
    yield Row(
        what=what,
        ours=ours,
        note=note,
        against="the same questions to git alone",
        theirs=alone,
        remark=f"{planning_reference.PROCESSES} processes",
        source=_SOURCE,
    )
