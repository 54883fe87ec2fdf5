"""Puts a plugin into a PULUMI_HOME: the official one where it can be had, else ours.

By hand: `python -m offline.plugin.install NAME VERSION`, with the pulumi on PATH.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Installed = Literal["official", "stand-in", "none"]
Choice = Literal["official is there", "official, downloaded", "stand-in is there", "stand-in"]
MARK = "project"
_LAUNCHER = Path(__file__).with_name("pulumi-resource")
_LIMIT = 20.0  # seconds for the official download


@dataclass(frozen=True)
class PluginName:
    """A plugin by the name of its package, such as aws, and its version."""

    name: str
    version: str

    @property
    def program(self) -> str:
        """The file that Pulumi's engine runs."""
        return f"pulumi-resource-{self.name}"

    def folder(self, pulumi_home: Path) -> Path:
        """Where Pulumi keeps it."""
        return pulumi_home / "plugins" / f"resource-{self.name}-v{self.version}"


class InstallError(Exception):
    """The plugin could not be installed; the text is what Pulumi said."""


def choice(installed: Installed, *, downloaded: bool) -> Choice:
    """Official first, always: the one that is there, else the download, else the stand-in."""
    if installed == "official":
        return "official is there"
    if downloaded:
        return "official, downloaded"
    return "stand-in is there" if installed == "stand-in" else "stand-in"


def installed(plugin: PluginName, pulumi_home: Path) -> Installed:
    """What is there: a stand-in has a file that names its project; a dead or old one is none."""
    folder = plugin.folder(pulumi_home)
    launcher = folder / plugin.program
    if not launcher.exists():
        return "none"
    if not (folder / MARK).exists():
        return "official"
    project = Path((folder / MARK).read_text().strip())
    same = launcher.read_bytes() == _LAUNCHER.read_bytes()
    return "stand-in" if same and (project / "offline" / plugin.name).is_dir() else "none"


def install(plugin: PluginName, pulumi_home: Path, pulumi_bin: Path) -> str:
    """Installs the plugin where it is missing and gives one line about it. Raises InstallError.

    A stand-in that works is kept without asking the network again; `pulumi plugin rm resource
    NAME` makes the next run ask.
    """
    there = installed(plugin, pulumi_home)
    downloaded = there == "none" and _download(plugin, pulumi_home, pulumi_bin)
    chosen = choice(there, downloaded=downloaded)
    if chosen == "stand-in":
        _install_stand_in(plugin, pulumi_home, pulumi_bin)
    return f"plugin {plugin.name} {plugin.version}: {chosen}"


def _download(plugin: PluginName, pulumi_home: Path, pulumi_bin: Path) -> bool:
    try:
        done = _run(plugin, pulumi_home, pulumi_bin, timeout=_LIMIT)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def _install_stand_in(plugin: PluginName, pulumi_home: Path, pulumi_bin: Path) -> None:
    project = Path(__file__).resolve().parents[2]
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(_LAUNCHER, Path(folder, plugin.program))
        Path(folder, MARK).write_text(f"{project}\n")
        done = _run(plugin, pulumi_home, pulumi_bin, "--file", folder)
    if done.returncode != 0:
        raise InstallError(f"pulumi plugin install: {done.stderr.strip()}")


def _run(
    plugin: PluginName,
    pulumi_home: Path,
    pulumi_bin: Path,
    *more: str,
    timeout: float | None = None,
) -> subprocess.CompletedProcess[str]:
    words = ["plugin", "install", "resource", plugin.name, plugin.version, "--reinstall", *more]
    return subprocess.run(  # noqa: S603
        [str(pulumi_bin), *words],
        env={**os.environ, "PULUMI_HOME": str(pulumi_home)},
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def main() -> int:
    """Installs NAME VERSION into $PULUMI_HOME with the pulumi on PATH; 0 when it worked."""
    pulumi_bin = shutil.which("pulumi")
    if pulumi_bin is None:
        print("pulumi is not on PATH; source env.sh first", file=sys.stderr)
        return 1
    if len(sys.argv) != 3:
        print("usage: python -m offline.plugin.install NAME VERSION", file=sys.stderr)
        return 2
    home = Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi")
    try:
        print(install(PluginName(*sys.argv[1:]), home, Path(pulumi_bin)))
    except InstallError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
