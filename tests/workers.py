"""Test modules side by side: each process but the first has a Docker engine and a builder of its
own, since tests count what is built and remove what they find."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from offline.setup_place import PROJECT, state_at, state_folder

WANTED = "SLIPWAY_TEST_ENGINES"
"""Set where tests need an engine: the first one is started before they are."""
FIRST = "gw0"
"""The worker that uses it."""


def start(worker: str) -> None:
    """Starts the engine of a worker in a state folder beside the first one, and points this
    process at it.

    Raises `subprocess.CalledProcessError`; what went wrong is printed.
    """
    first = state_at(state_folder())
    own = Path(f"{first.folder}-{worker}")
    own.mkdir(parents=True, exist_ok=True)
    (own / "env").write_bytes((first.folder / "env").read_bytes())
    os.environ["SLIPWAY_STATE"] = str(own)
    if os.environ.get("DOCKER_HOST") == first.docker_host:
        del os.environ["DOCKER_HOST"]
    subprocess.run([sys.executable, "-m", "offline.engine", "up"], cwd=PROJECT, check=True)
    os.environ.update(_exported())


def stop() -> None:
    """Stops what `start` has started, and removes its folder."""
    subprocess.run([sys.executable, "-m", "offline.engine", "down"], cwd=PROJECT, check=True)
    shutil.rmtree(os.environ["SLIPWAY_STATE"])


def _exported() -> dict[str, str]:
    """The environment as env.sh makes it for the state folder of this process."""
    script = ["bash", "-c", ". ./env.sh && env -0"]
    told = subprocess.run(script, cwd=PROJECT, check=True, capture_output=True, text=True).stdout
    pairs = (each.partition("=") for each in told.split("\0") if each)
    return {name: value for name, _, value in pairs}
