"""What planning is compared with: a process per image, and git without anything around it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

MOST = 100  # processes that are really run; more are a multiple of these
PROCESSES = 4


def one_diff_each(folder: Path, services: list[str]) -> None:
    """`git diff --quiet main HEAD -- FOLDER` for at most 100 folders, spread over all.

    It tells committed changes only: neither the content's id, nor what is uncommitted.
    """
    argv = ["git", "-C", str(folder), "diff", "--quiet", "main", "HEAD", "--"]
    step = max(1, len(services) // MOST)
    for service in services[::step][:MOST]:
        done = subprocess.run([*argv, service], check=False)  # noqa: S603
        if done.returncode not in (0, 1):
            raise RuntimeError(f"git diff of {service} ended with {done.returncode}")


def git_alone(folder: Path) -> None:
    """The tree as it lies on disk, all ids in it, and what differs from main: git's own floor."""
    with TemporaryDirectory(prefix="slipway-bench-index-") as scratch:
        index = Path(scratch) / "index"
        shutil.copy2(folder / ".git/index", index)
        env = {**os.environ, "GIT_INDEX_FILE": str(index)}
        _git(folder, env, "add", "--all")
        tree = _git(folder, env, "write-tree").decode().strip()
        _git(folder, env, "ls-tree", "-r", "-t", "-z", tree)
        _git(folder, env, "diff-tree", "-r", "-z", "--name-only", "main", tree)


def _git(folder: Path, env: dict[str, str], *words: str) -> bytes:
    argv = ["git", "-C", str(folder), *words]
    return subprocess.run(argv, env=env, stdout=subprocess.PIPE, check=True).stdout  # noqa: S603
