"""Pulumi's resource plugins: the official ones where they can be had, else the stand-ins."""

import os
import shutil
from pathlib import Path

from offline import setup_official
from offline.plugin import install as stand_in
from offline.plugin.install import PluginName
from offline.setup_build import PULUMI
from offline.setup_error import SetupError
from offline.setup_pins import python_version
from offline.setup_place import cache_folder
from offline.setup_run import Word, run

NAMES = ("aws", "docker", "kubernetes")


def plugins() -> tuple[PluginName, ...]:
    """All that the program needs, each in the version of its SDK in requirements.txt."""
    return tuple(PluginName(name, python_version(f"pulumi-{name}")) for name in NAMES)


def user_home() -> Path:
    """Pulumi's own folder of the user, which is never the one in the cache."""
    chosen = os.environ.get("PULUMI_HOME")
    if chosen and Path(chosen) != cache_home():
        return Path(chosen)
    return Path.home() / ".pulumi"


def cache_home() -> Path:
    """A Pulumi folder of the cache's own, so that no stand-in ever shadows the user's plugins."""
    return cache_folder() / "pulumi-home"


def official(plugin: PluginName, home: Path) -> bool:
    """Whether Pulumi's own plugin, in the pinned version, is in a Pulumi home."""
    folder = plugin.folder(home)
    return (folder / plugin.program).exists() and not (folder / stand_in.MARK).exists()


def all_official(home: Path) -> bool:
    """Whether a Pulumi home has all plugins; else the one in the cache is used for all."""
    return all(official(plugin, home) for plugin in plugins())


def install_all(pulumi: Path) -> str:
    """Makes sure of every plugin; says which, in a few words. Raises SetupError."""
    if all_official(user_home()):
        return f"{_words(plugins())}, official, in {user_home()}"
    if setup_official.reachable(setup_official.archive_url(PULUMI.version)):
        missing = [plugin for plugin in plugins() if not official(plugin, user_home())]
        for plugin in missing:
            _download(plugin, pulumi)
        return f"{_words(plugins())}, official, downloaded {_words(missing)}"
    return "; ".join(_install(plugin, pulumi) for plugin in plugins())


def _install(plugin: PluginName, pulumi: Path) -> str:
    """Into the cache's Pulumi home: the user's official one by its files, else the stand-in."""
    if official(plugin, user_home()) and not official(plugin, cache_home()):
        ours = plugin.folder(cache_home())
        shutil.rmtree(ours, ignore_errors=True)
        shutil.copytree(plugin.folder(user_home()), ours)
    try:
        line = stand_in.install(plugin, cache_home(), pulumi)
    except stand_in.InstallError as error:
        raise SetupError(f"the stand-in of plugin {plugin.name}: {error}") from None
    return line.removeprefix("plugin ").replace(":", ",")


def _download(plugin: PluginName, pulumi: Path) -> None:
    argv: list[Word] = [pulumi, "plugin", "install", "resource", plugin.name, plugin.version]
    log = cache_folder() / "logs" / f"plugin-{plugin.name}.log"
    home = {"PULUMI_HOME": str(user_home())}
    run(f"plugin {plugin.name} {plugin.version}", argv, log, env=home)


def _words(some: tuple[PluginName, ...] | list[PluginName]) -> str:
    return ", ".join(f"{plugin.name} {plugin.version}" for plugin in some)
