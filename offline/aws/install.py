"""Puts the plugin `aws` into a PULUMI_HOME: the official one where it can be had, else ours."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Literal

from .catalogue import VERSION

Installed = Literal["official", "stand-in", "none"]
Choice = Literal["official is there", "official, downloaded", "stand-in is there", "stand-in"]
MARK = "project"
_FOLDER = f"resource-aws-v{VERSION}"
_LAUNCHER = Path(__file__).with_name("pulumi-resource-aws")
_LIMIT = 20.0  # seconds for the official download


class InstallError(Exception):
    """The plugin could not be installed; the text is what Pulumi said."""


def choice(installed: Installed, *, downloaded: bool) -> Choice:
    """Official first, always: the one that is there, else the download, else the stand-in."""
    if installed == "official":
        return "official is there"
    if downloaded:
        return "official, downloaded"
    return "stand-in is there" if installed == "stand-in" else "stand-in"


def installed(pulumi_home: Path) -> Installed:
    """What is there: a stand-in has a file that names its project; a dead or old one is none."""
    folder = pulumi_home / "plugins" / _FOLDER
    launcher = folder / _LAUNCHER.name
    if not launcher.exists():
        return "none"
    if not (folder / MARK).exists():
        return "official"
    project = Path((folder / MARK).read_text().strip())
    usable = launcher.read_bytes() == _LAUNCHER.read_bytes() and (project / "offline/aws").is_dir()
    return "stand-in" if usable else "none"


def install(pulumi_home: Path, pulumi_bin: Path) -> str:
    """Installs the plugin where it is missing and gives one line about it. Raises InstallError.

    A stand-in that works is kept without asking the network again; `pulumi plugin rm resource aws`
    makes the next run ask.
    """
    there = installed(pulumi_home)
    chosen = choice(there, downloaded=there == "none" and _download(pulumi_home, pulumi_bin))
    if chosen == "stand-in":
        _install_stand_in(pulumi_home, pulumi_bin)
    return f"plugin aws {VERSION}: {chosen}"


def _download(pulumi_home: Path, pulumi_bin: Path) -> bool:
    try:
        done = _run(pulumi_home, pulumi_bin, timeout=_LIMIT)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def _install_stand_in(pulumi_home: Path, pulumi_bin: Path) -> None:
    project = Path(__file__).resolve().parents[2]
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(_LAUNCHER, folder)
        Path(folder, MARK).write_text(f"{project}\n")
        done = _run(pulumi_home, pulumi_bin, "--file", folder)
    if done.returncode != 0:
        raise InstallError(f"pulumi plugin install: {done.stderr.strip()}")


def _run(
    pulumi_home: Path, pulumi_bin: Path, *more: str, timeout: float | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603
        [str(pulumi_bin), "plugin", "install", "resource", "aws", VERSION, "--reinstall", *more],
        env={**os.environ, "PULUMI_HOME": str(pulumi_home)},
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def main() -> int:
    """Installs into $PULUMI_HOME with the pulumi on PATH; 0 when it worked."""
    pulumi_bin = shutil.which("pulumi")
    if pulumi_bin is None:
        print("pulumi is not on PATH; source env.sh first", file=sys.stderr)
        return 1
    home = Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi")
    try:
        print(install(home, Path(pulumi_bin)))
    except InstallError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
