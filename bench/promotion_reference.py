"""What promotion is compared with: the three commands that a release script has."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence

Pair = tuple[str, str]


def check_engine() -> None:
    """Raises RuntimeError without a Docker engine."""
    done = subprocess.run(["docker", "version"], capture_output=True, text=True, check=False)  # noqa: S607
    if done.returncode != 0:
        why = done.stderr.strip() or "no reason given"
        raise RuntimeError(
            f"no Docker engine answers ({why}); `make bench` starts one, or set DOCKER_HOST"
        )


def pull_tag_push(pairs: Sequence[Pair]) -> None:
    """Each image pulled, named and pushed, one after the other."""
    for source, target in pairs:
        _docker("pull", "--quiet", source)
        _docker("tag", source, target)
        _docker("push", "--quiet", target)


def forget(pairs: Sequence[Pair]) -> None:
    """Removes what was pulled, so that the next pull is one; what is not there is no error."""
    for name in sorted({name for pair in pairs for name in pair}):
        argv = ["docker", "image", "rm", "--force", name]
        subprocess.run(argv, capture_output=True, check=False)  # noqa: S603


def _docker(*words: str) -> None:
    argv = ["docker", *words]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(argv[:3])} failed: {done.stderr.strip()}")
