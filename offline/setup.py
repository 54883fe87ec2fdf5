"""`python -m offline.setup`: makes sure of every tool, idempotent; `--ready` only looks.

Each tool is the first that exists: the one on PATH, the official download, the pinned build.
"""

import argparse
import fcntl
import json
import os
import sys
import time
from pathlib import Path

from offline import engine, images, setup_pulumi
from offline.setup_error import SetupError, guarded
from offline.setup_pins import recipe_digest
from offline.setup_place import State, cache_folder, find_program, state_at, state_folder
from offline.setup_steps import plan

NOT_READY = 3
PROGRAMS = ("git", "docker", "docker-registry")


def make_ready(state: State) -> None:
    """Runs all steps; raises SetupError at the first that can't be done."""
    started = time.monotonic()
    refuse_without_programs()
    cache_folder().mkdir(parents=True, exist_ok=True)
    with (cache_folder() / "setup.lock").open("w") as lock:
        wait_for(lock.fileno())
        for step in plan(state):
            step.show()
    stamp_file(state).write_text(json.dumps({"recipe": recipe_digest(), "files": made_files()}))
    print(f"set-up: ready ({time.monotonic() - started:.1f} s)")


def make_tools(state: State) -> None:
    """What a workflow needs to deploy: packages, pulumi and its plugins; no local cloud."""
    started = time.monotonic()
    cache_folder().mkdir(parents=True, exist_ok=True)
    with (cache_folder() / "setup.lock").open("w") as lock:
        wait_for(lock.fileno())
        for step in plan(state, tools=True):
            step.show()
    print(f"set-up: ready to deploy ({time.monotonic() - started:.1f} s)")


def is_ready(state: State) -> bool:
    """Whether an earlier run made all that the recipe of today asks for, and it is still there."""
    try:
        stamp = json.loads(stamp_file(state).read_text())
        same = stamp["recipe"] == recipe_digest()
        there = all(os.access(name, os.R_OK) for name in stamp["files"])
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return same and there and all(find_program(name) for name in PROGRAMS)


def made_files() -> list[str]:
    """Files that must exist for `ready`; a tool of the user's that goes away is noticed too."""
    pulumi = setup_pulumi.pulumi_program()
    programs = sorted(each for each in (cache_folder() / "bin").glob("*") if each.is_file())
    archives = [images.archive(each) for each in (images.BASE, images.MACHINE)]
    return [
        str(path) for path in (pulumi, *programs, *archives, Path(sys.prefix) / "slipway-packages")
    ]


def stamp_file(state: State) -> Path:
    return state.folder / "ready.json"


def refuse_without_programs() -> None:
    missing = [name for name in PROGRAMS if find_program(name) is None]
    if missing:
        raise SetupError(f"not installed: {', '.join(missing)}; run `make setup`, or install them")


def wait_for(lock: int) -> None:
    """One set-up at a time may change the cache; says so when it has to wait."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print("  another set-up of yours is running; waiting for it", flush=True)
        fcntl.flock(lock, fcntl.LOCK_EX)


def main(words: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m offline.setup", description=__doc__)
    parser.add_argument("--ready", action="store_true", help="only look; exit code 3 if not ready")
    parser.add_argument("--tools", action="store_true", help="only what deploying needs")
    parser.add_argument("--state", type=Path, default=state_folder(), metavar="DIR")
    chosen = parser.parse_args(words)
    started, state = time.monotonic(), state_at(chosen.state)
    if chosen.tools:
        make_tools(state)
        return 0
    if not chosen.ready:
        make_ready(state)
        return 0
    if not is_ready(state):
        return NOT_READY
    engine.write_exports(state)
    print(f"set-up: ready ({time.monotonic() - started:.1f} s)")
    return 0


if __name__ == "__main__":
    sys.exit(guarded(main))
