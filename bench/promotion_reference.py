"""What promotion is compared with: the three commands of a release script, and the floor."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence

import requests

from bench.scratch_registry import MANIFEST
from clients.registry_names import base_url

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


def two_requests(host: str, names: Sequence[str], source: str, target: str) -> None:
    """The floor: each image's manifest read and written again, on one connection."""
    with requests.Session() as session:
        for name in names:
            at = f"{base_url(host)}/v2/dev/{name}/manifests"
            found = session.get(f"{at}/{source}", headers={"Accept": MANIFEST}, timeout=60)
            found.raise_for_status()
            sent = {"Content-Type": found.headers["Content-Type"]}
            session.put(
                f"{at}/{target}", data=found.content, headers=sent, timeout=60
            ).raise_for_status()


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
