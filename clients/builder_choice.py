"""Which buildx builder builds: a named one, or one of ours that is made when it is missing."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence

from clients import ClientError

OWN_BUILDER = "slipway"


class BuildError(ClientError):
    """The build failed; the message ends with the last lines of its log."""


def buildx_command() -> list[str]:
    """The argv that buildx begins with. Raises BuildError if it is not installed."""
    if (found := shutil.which("docker-buildx")) is not None:
        return [found]
    if (docker := shutil.which("docker")) is not None:
        return [docker, "buildx"]
    raise BuildError(
        "neither docker-buildx nor docker is on PATH; install Docker with its buildx "
        "plugin (`make setup` does), and source env.sh"
    )


def choose_builder(command: Sequence[str], environment: Mapping[str, str], name: str | None) -> str:
    """The builder of that name, else $BUILDX_BUILDER, else one of ours, made if missing.

    Raises BuildError for one that cannot push by digest.
    """
    wanted = name or os.environ.get("BUILDX_BUILDER")
    if wanted is not None:
        code, said = _ask([*command, "inspect", wanted], environment)
        if code != 0:
            raise BuildError(
                f"the builder {wanted!r} can't be used: {said.strip()}; see "
                "`docker buildx ls`, or unset slipway's builder and BUILDX_BUILDER"
            )
        if any(line.split() == ["Driver:", "docker"] for line in said.splitlines()):
            raise BuildError(
                f"the builder {wanted!r} is Docker's default driver, which can't push "
                "by digest; allowed: docker-container, kubernetes, remote. "
                "`docker buildx create --driver docker-container` makes one"
            )
        return wanted
    if _ask([*command, "inspect", OWN_BUILDER], environment)[0] == 0:
        return OWN_BUILDER
    code, said = _ask(
        [
            *command,
            "create",
            f"--name={OWN_BUILDER}",
            "--driver=docker-container",
            "--driver-opt=network=host",
        ],  # else a registry on this machine can't be reached
        environment,
    )
    if code != 0 and _ask([*command, "inspect", OWN_BUILDER], environment)[0] != 0:
        raise BuildError(f"no builder could be made: {said.strip()}; is Docker running?")
    return OWN_BUILDER


def _ask(argv: Sequence[str], environment: Mapping[str, str]) -> tuple[int, str]:
    try:
        done = subprocess.run(  # noqa: S603
            list(argv),
            env=dict(environment),
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    except subprocess.TimeoutExpired:
        return 1, f"`{' '.join(argv)}` did not answer within 60 s"
    return done.returncode, done.stdout if done.returncode == 0 else done.stderr
