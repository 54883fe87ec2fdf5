"""`python -m offline.engine up|down|status`: the Docker engine and the builder of a state folder.

An engine that is here already is used as it is. What this starts, it stops, and nothing else.
"""

import argparse
import fcntl
import shlex
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from offline import engine_builder, engine_docker
from offline.setup_error import guarded
from offline.setup_place import State, make_folders, state_at, state_folder


def up(state: State) -> None:
    """Starts what is missing, and writes the exports that env.sh reads."""
    make_folders(state)
    with locked(state):
        started = time.monotonic()
        line("docker engine", engine_docker.up(state), started)
        write_exports(state)
        started = time.monotonic()
        line("builder", engine_builder.up(state, docker_host(state)), started)


def down(state: State) -> None:
    """Stops what `up` started here; without any, does nothing."""
    if not state.folder.exists():
        return
    with locked(state):
        stopped = engine_builder.down(state, docker_host(state))
        line("builder", "stopped" if stopped else "none of ours runs")
        stopped = engine_docker.down(state)
        line("docker engine", "stopped" if stopped else "none of ours runs")


def status(state: State) -> bool:
    """Prints one line per part; tells whether both run."""
    engine = engine_docker.daemon(state).pid()
    builder = engine_builder.daemon(state).pid()
    host = docker_host(state)
    answers = engine_docker.answers(host)
    owner = f"ours, pid {engine}" if engine else "was here already"
    line("docker engine", f"running ({owner}) {host or ''}" if answers else "stopped")
    has = builder is not None or (answers and engine_builder.in_engine(state, host))
    owner = f"ours, pid {builder}" if builder else "in the Docker engine"
    line("builder", f"running ({owner}) {engine_builder.BUILDER}" if has else "stopped")
    return answers and has


def docker_host(state: State) -> str | None:
    """The address of the engine in use; None is Docker's own default."""
    if engine_docker.wants_own(state):
        return state.docker_host
    return engine_docker.address_here(state)


def owns_engine(state: State) -> bool:
    """Whether this state has, or is going to have, a Docker engine of its own."""
    return engine_docker.wants_own(state)


def write_exports(state: State) -> None:
    """Writes what a shell needs to reach the engine; a builder that the user chose stays."""
    own = f"export DOCKER_HOST={shlex.quote(state.docker_host)}\n"
    text = (
        "# Written by `python -m offline.engine`; env.sh reads it.\n"
        f"{own if engine_docker.wants_own(state) else ''}"
        f'if [ "${{BUILDX_BUILDER:-{engine_builder.BUILDER}}}" = {engine_builder.BUILDER} ]; then\n'
        f"  export BUILDX_BUILDER={engine_builder.BUILDER}\n"
        f"  export BUILDX_CONFIG={shlex.quote(f'{state.folder}/buildx')}\n"
        "fi\n"
    )
    if not state.env_file.exists() or state.env_file.read_text() != text:
        state.env_file.write_text(text)


def line(part: str, what: str, started: float | None = None) -> None:
    took = "" if started is None else f"  {time.monotonic() - started:.1f} s"
    print(f"  {part:<15} {what.rstrip()}{took}", flush=True)


@contextmanager
def locked(state: State) -> Iterator[None]:
    """One command at a time per state folder."""
    with (state.folder / "engine.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def main(words: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m offline.engine", description=__doc__)
    parser.add_argument("action", choices=("up", "down", "status"))
    parser.add_argument("--state", type=Path, default=state_folder(), metavar="DIR")
    chosen = parser.parse_args(words)
    state = state_at(chosen.state)
    if chosen.action == "status":
        return 0 if status(state) else 1
    (up if chosen.action == "up" else down)(state)
    return 0


if __name__ == "__main__":
    sys.exit(guarded(main))
