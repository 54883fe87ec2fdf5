"""The steps of set-up in their order, and how one is shown."""

import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from offline import engine, engine_builder, images, setup_build, setup_plugins, setup_pulumi
from offline.setup_error import SetupError
from offline.setup_pins import BUILDX_MINIMUM, at_least, digest_of
from offline.setup_place import PROJECT, State, cache_folder, find_program
from offline.setup_run import Word, fetch, run

GIGABYTE = 10**9
CONSTRAINTS = PROJECT / "offline" / "tools" / "constraints.txt"


@dataclass(frozen=True)
class Step:
    """One thing that set-up makes sure of; `make` says in a few words how it came about."""

    name: str
    make: Callable[[], str]

    def show(self) -> None:
        started = time.monotonic()
        what = self.make()
        print(f"  {self.name:<16} {what:<52} {time.monotonic() - started:6.1f} s", flush=True)


TOOLS = ("python packages", "pulumi", "language host", "plugins", "environment")


def plan(state: State, *, tools: bool = False) -> list[Step]:
    """Everything, in order; `tools`: what deploying needs alone. Each step finds what it made
    before, so a broken run goes on."""
    steps = [
        Step("rights", lambda: enough_rights(state)),
        Step("disk", enough_disk),
        Step("python packages", python_packages),
        Step("base image", lambda: images.make(images.BASE)),
        Step("machine image", lambda: images.make(images.MACHINE)),
        Step("pulumi", setup_pulumi.install_pulumi),
        Step("language host", setup_pulumi.install_language_host),
        Step("buildx", buildx),
        Step("buildkit", lambda: buildkit(state)),
        Step("plugins", lambda: setup_plugins.install_all(setup_pulumi.pulumi_program())),
        Step("environment", lambda: environment(state, tools=tools)),
    ]
    return [each for each in steps if not tools or each.name in TOOLS]


def enough_rights(state: State) -> str:
    """Raises SetupError, before anything long runs, where neither root nor an engine is at hand."""
    made = all(images.is_made(each) for each in (images.BASE, images.MACHINE))
    return checked_rights(os.getuid(), made, lambda: not engine.owns_engine(state))


def checked_rights(uid: int, made: bool, engine_answers: Callable[[], bool]) -> str:
    """Who runs this; raises SetupError if that one can neither start nor reach a Docker engine."""
    if uid == 0:
        return "root"
    if not engine_answers():
        what = "the local cloud needs one" if made else "the images of the local cloud need one"
        raise SetupError(
            f"no Docker engine answers user {uid}, and {what}; start Docker and see that "
            "`docker ps` works for you, or run `make setup` as root, which starts one of its own"
        )
    return f"user {uid}, with a Docker engine"


def enough_disk() -> str:
    """Raises SetupError when the cache's disk can't hold what is still missing."""
    folder = cache_folder()
    folder.mkdir(parents=True, exist_ok=True)
    built = (setup_pulumi.pulumi_folder() / "pulumi").exists()
    needed = (0 if built else 6) + sum(2 for each in (images.BASE, images.MACHINE)
                                      if not images.is_made(each)) + 1  # fmt: skip
    return checked_disk(folder, shutil.disk_usage(folder).free / GIGABYTE, needed)


def checked_disk(folder: Path, free: float, needed: float) -> str:
    """Says how much is free, in GB; raises SetupError if it is less than needed."""
    if free < needed:
        raise SetupError(
            f"not enough disk: {free:.1f} GB are free at {folder}, set-up needs {needed:.0f} GB; "
            "free some, or set SLIPWAY_CACHE to a folder on a larger disk"
        )
    return f"{free:.0f} GB free, {needed:.0f} needed"


def python_packages() -> str:
    """Installs the pinned packages into the virtual environment that runs this."""
    note = Path(sys.prefix) / "slipway-packages"
    wanted = digest_of(
        [PROJECT / "requirements.txt", PROJECT / "requirements-dev.txt", CONSTRAINTS]
    )
    if note.exists() and note.read_text() == wanted:
        return f"in {sys.prefix}"
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    files: list[Word] = ["-r", PROJECT / "requirements-dev.txt", "-c", CONSTRAINTS]
    log = cache_folder() / "logs" / "pip.log"
    fetch("python packages", [*pip, "install", *files], log)
    run("pip check", [*pip, "check"], log)
    note.write_text(wanted)
    return f"installed into {sys.prefix}"


def buildx() -> str:
    """Docker's plugin buildx: the user's, else the pinned build, linked where Docker looks."""
    docker = find_program("docker")
    theirs = _buildx_version(str(docker)) if docker else None
    link = Path.home() / ".docker" / "cli-plugins" / "docker-buildx"
    ours = cache_folder() / "bin" / "docker-buildx"
    if theirs and at_least(theirs, BUILDX_MINIMUM) and link.resolve() != ours:
        return f"{theirs}, Docker's plugin"
    words = setup_build.cached(setup_build.BUILDX)
    if not theirs:
        link.parent.mkdir(parents=True, exist_ok=True)
        link.unlink(missing_ok=True)
        link.symlink_to(ours)
    return words


def _buildx_version(docker: str) -> str | None:
    done = subprocess.run([docker, "buildx", "version"], capture_output=True, text=True)  # noqa: S603
    words = done.stdout.split()
    return words[1].removeprefix("v") if done.returncode == 0 and len(words) > 1 else None


def buildkit(state: State) -> str:
    """Builds buildkitd only where an engine can't have BuildKit's official image."""
    if not engine.owns_engine(state) and engine_builder.official_image(engine.docker_host(state)):
        return f"{engine_builder.IMAGE}, in the Docker engine"
    setup_build.cached(setup_build.BUILDCTL)
    return setup_build.cached(setup_build.BUILDKITD)


def environment(state: State, *, tools: bool = False) -> str:
    """Writes the files that env.sh reads; for `tools` alone Docker and its builder are yours."""
    state.folder.mkdir(parents=True, exist_ok=True)
    lines = [
        f"export {name}={shlex.quote(value)}" for name, value in setup_pulumi.exports().items()
    ]
    text = "\n".join(["# Written by set-up; env.sh reads it.", *lines, ""])
    part = state.folder / f"env.{os.getpid()}"
    part.write_text(text)
    part.replace(state.folder / "env")
    if not tools:
        engine.write_exports(state)
    return ". ./env.sh"
