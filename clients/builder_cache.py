"""The cache of the builder, held to a size by `docker buildx prune`."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping

from clients import ClientError
from clients.builder_choice import OWN_BUILDER, BuildError, buildx_command

_ENOUGH = 600.0  # seconds
_TOTAL = re.compile(r"^Total:\s*(\S+)", re.MULTILINE)


def builder_of(named: str | None, environment: Mapping[str, str] = os.environ) -> str | None:
    """The builder whose cache is ours to bound: named in the stack file, or made by slipway.

    None if builds go to a builder that somebody else made and that no stack file names.
    """
    chosen = named or environment.get("BUILDX_BUILDER") or OWN_BUILDER
    return chosen if named or chosen.split("-")[0] == OWN_BUILDER else None


def bound_cache(builder: str, gigabytes: int) -> str | None:
    """Removes the oldest of the builder's cache down to a size; how much went, as buildx says it.

    None if there is no such builder, or no buildx at all. Raises ClientError if buildx refuses.
    """
    try:
        command = buildx_command()
    except BuildError:
        return None
    if _run([*command, "inspect", builder])[0] != 0:
        return None
    size = f"--max-used-space={gigabytes}gb"
    code, said = _run([*command, "prune", f"--builder={builder}", size, "--force"])
    if code != 0:
        raise ClientError(
            f"bounding the cache of the builder {builder!r} to {gigabytes} GB: {said.strip()}"
        )
    total = _TOTAL.search(said)
    return total[1] if total else "0B"


def _run(argv: list[str]) -> tuple[int, str]:
    try:
        done = subprocess.run(  # noqa: S603
            argv, capture_output=True, text=True, check=False, timeout=_ENOUGH
        )
    except subprocess.TimeoutExpired:
        return 1, f"`{' '.join(argv)}` did not answer within {_ENOUGH:.0f} s"
    return done.returncode, done.stdout if done.returncode == 0 else done.stderr
