"""Chooses the Pulumi command line tool and its Python language host."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from offline import setup_official, setup_plugins
from offline.setup_build import PULUMI
from offline.setup_pins import at_least
from offline.setup_place import PROJECT, cache_folder

HOST = "pulumi-language-python"
Source = Literal["path", "cache", "official", "build"]


def choose(on_path: str | None, in_cache: bool, official: Callable[[], bool]) -> Source:
    """The first that exists: on PATH and not older than the pinned one, official, our build.

    `official` asks the network, so it is called last; what an earlier set-up got is kept.
    """
    if on_path is not None and on_path.startswith("3.") and at_least(on_path, PULUMI.version):
        return "path"
    if in_cache:
        return "cache"
    return "official" if official() else "build"


def pulumi_folder() -> Path:
    """The cache's folder with pulumi and, beside it, its language host."""
    return cache_folder() / f"pulumi-{PULUMI.version}"


def own_path() -> str:
    """PATH without this project's and the cache's folders: what the user has."""
    ours = (str(cache_folder()), str(PROJECT))
    folders = os.environ.get("PATH", os.defpath).split(":")
    return ":".join(each for each in folders if not each.startswith(ours))


def pulumi_on_path() -> Path | None:
    found = shutil.which("pulumi", path=own_path())
    return Path(found) if found else None


def version_of(program: Path) -> str:
    """What `pulumi version` says, without its v; "0" if it says nothing."""
    done = subprocess.run([str(program), "version"], capture_output=True, text=True)  # noqa: S603
    return done.stdout.strip().removeprefix("v") or "0"


def install_pulumi() -> str:
    """Makes sure of a pulumi; says which, in a few words."""
    theirs, folder = pulumi_on_path(), pulumi_folder()
    found = version_of(theirs) if theirs else None
    url = setup_official.archive_url(PULUMI.version)
    source = choose(found, (folder / "pulumi").exists(), lambda: setup_official.reachable(url))
    older = f"; {theirs} is {found}" if found and source != "path" else ""
    if source == "path":
        return f"{found}, {theirs}"
    if source == "official":
        setup_official.install(url, folder)
    elif source == "build":
        PULUMI.build(folder / "pulumi")
    how = {"cache": "in the cache", "official": "official release", "build": "built"}[source]
    return f"{PULUMI.version}, {how}{older}"


def pulumi_program() -> Path:
    """The pulumi that set-up chose."""
    theirs = pulumi_on_path()
    if theirs is not None and choose(version_of(theirs), True, lambda: False) == "path":
        return theirs
    return pulumi_folder() / "pulumi"


def install_language_host() -> str:
    """Puts our launcher beside the cache's pulumi if no official language host is there."""
    program = pulumi_program()
    beside = program.resolve().with_name(HOST)
    ours = PROJECT / "offline" / "language" / HOST
    stand_in = cache_folder() / "bin" / HOST if program.parent != pulumi_folder() else beside
    official = shutil.which(HOST, path=own_path()) or (
        beside if beside.exists() and not is_stand_in(beside) else None
    )
    if official:
        if stand_in.exists() and is_stand_in(stand_in):
            stand_in.unlink()
        return f"official, {official}"
    stand_in.parent.mkdir(parents=True, exist_ok=True)
    part = stand_in.with_name(f"{stand_in.name}.part")
    shutil.copy(ours, part)
    part.replace(stand_in)
    return "stand-in"


def is_stand_in(host: Path) -> bool:
    """Whether a language host is a copy of our launcher, of this or an earlier version."""
    with host.open("rb") as file:
        return b"offline/language/language_host.py" in file.read(2000)


def exports() -> dict[str, str]:
    """What a shell needs for the choices made; env.sh reads it."""
    chosen = {"SLIPWAY_CACHE": str(cache_folder())}
    if pulumi_program().parent == pulumi_folder():
        chosen["SLIPWAY_PULUMI"] = str(pulumi_folder())
    if not setup_plugins.all_official(setup_plugins.user_home()):
        chosen["PULUMI_HOME"] = str(setup_plugins.cache_home())
    return chosen
