"""Which tool set-up takes: the one on PATH, what it got before, the official one, our build."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from offline import setup_official, setup_plugins, setup_pulumi
from offline.setup_build import BUILDX, PULUMI
from offline.setup_pins import at_least, go_module_version, python_version

PINNED = PULUMI.version


def never() -> bool:
    raise AssertionError("the network was asked although nothing was missing")


def test_a_pulumi_on_path_of_the_pinned_version_is_used_without_asking_the_network() -> None:
    assert setup_pulumi.choose(PINNED, in_cache=False, official=never) == "path"


def test_a_newer_pulumi_on_path_wins_over_the_one_in_the_cache() -> None:
    assert setup_pulumi.choose("3.999.0", in_cache=True, official=never) == "path"


@pytest.mark.parametrize("version", ["3.99.0", "2.300.0", "4.0.0", "0"])
def test_a_pulumi_on_path_that_is_older_or_of_another_major_version_is_passed_over(
    version: str,
) -> None:
    assert setup_pulumi.choose(version, in_cache=False, official=lambda: True) == "official"


def test_what_an_earlier_run_got_is_kept_without_asking_the_network() -> None:
    assert setup_pulumi.choose(None, in_cache=True, official=never) == "cache"


def test_the_build_of_our_own_comes_last() -> None:
    assert setup_pulumi.choose(None, in_cache=False, official=lambda: True) == "official"
    assert setup_pulumi.choose(None, in_cache=False, official=lambda: False) == "build"


def test_versions_are_compared_number_by_number() -> None:
    assert at_least("3.259.0", "3.99.0")
    assert not at_least("3.99.0", "3.259.0")
    assert at_least("1.26.1-X:nodwarf5", "1.26")
    assert not at_least("1.25.9", "1.26")


def test_every_pinned_version_is_read_from_the_file_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "go.mod").write_text(
        "module m\n\nrequire (\n\tb.c/d v0.9.0\n\tb.c/d/v2 v2.3.4\n)\n"
    )
    assert go_module_version(tmp_path, "b.c/d/v2") == "2.3.4"
    with pytest.raises(LookupError, match=r"requires no b\.c/e"):
        go_module_version(tmp_path, "b.c/e")
    pins = tmp_path / "requirements.txt"
    pins.write_text("pulumi==1.0.0\npulumi-aws==7.5.1\n")
    assert python_version("pulumi-aws", pins) == "7.5.1"
    assert BUILDX.version.startswith("0."), "the pinned buildx is found in its go.mod"


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with an empty cache and one folder, `bin`, on PATH."""
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:/usr/bin:/bin")
    monkeypatch.setenv("SLIPWAY_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("PULUMI_HOME", raising=False)
    return tmp_path


def program(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def test_the_users_pulumi_is_used_with_the_language_host_beside_it(machine: Path) -> None:
    real = program(machine / "opt/pulumi", f"echo v{PINNED}")
    program(machine / "opt/pulumi-language-python", "exit 0")
    (machine / "bin/pulumi").symlink_to(real)
    assert setup_pulumi.install_pulumi() == f"{PINNED}, {machine}/bin/pulumi"
    assert setup_pulumi.install_language_host().startswith("official, ")
    assert not list((machine / "cache").rglob("pulumi-language-python"))
    assert "SLIPWAY_PULUMI" not in setup_pulumi.exports()


def test_a_pulumi_without_language_host_gets_the_stand_in(machine: Path) -> None:
    program(machine / "bin/pulumi", f"echo v{PINNED}")
    assert setup_pulumi.install_language_host() == "stand-in"
    assert setup_pulumi.is_stand_in(machine / "cache/bin/pulumi-language-python")


def test_a_stand_in_goes_away_when_the_official_language_host_appears(machine: Path) -> None:
    program(machine / "bin/pulumi", f"echo v{PINNED}")
    setup_pulumi.install_language_host()
    program(machine / "bin/pulumi-language-python", "exit 0")
    assert setup_pulumi.install_language_host().startswith("official, ")
    assert not (machine / "cache/bin/pulumi-language-python").exists()


def test_an_older_pulumi_on_path_loses_to_the_cache_and_is_named(machine: Path) -> None:
    program(machine / "bin/pulumi", "echo v3.1.0")
    program(setup_pulumi.pulumi_folder() / "pulumi", f"echo v{PINNED}")
    assert setup_pulumi.install_pulumi() == (
        f"{PINNED}, in the cache; {machine}/bin/pulumi is 3.1.0"
    )
    assert setup_pulumi.exports()["SLIPWAY_PULUMI"] == str(setup_pulumi.pulumi_folder())


def official(machine: Path, *names: str) -> None:
    """Official plugins in the user's Pulumi home."""
    for name in names:
        folder = f"resource-{name}-v{python_version(f'pulumi-{name}')}"
        program(machine / "home/.pulumi/plugins" / folder / f"pulumi-resource-{name}", "exit 0")


def test_the_official_plugins_in_the_users_pulumi_home_keep_that_home(machine: Path) -> None:
    official(machine, *setup_plugins.NAMES)
    assert "official" in setup_plugins.install_all(Path("/no/pulumi"))
    assert "PULUMI_HOME" not in setup_pulumi.exports()


def test_one_plugin_that_is_missing_is_installed_beside_a_copy_of_the_official_one(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(setup_official, "reachable", lambda url: False)
    pulumi = program(
        machine / "pulumi",
        'folder="$4-v$5"\n'
        'while [ $# -gt 0 ] && [ "$1" != --file ]; do last=$1; shift; done\n'
        '[ "$1" = --file ] || exit 1\n'
        'to="$PULUMI_HOME/plugins/resource-$folder"\n'
        'mkdir -p "$to" && cp "$2"/* "$to/"',
    )
    official(machine, "aws")
    assert setup_plugins.install_all(pulumi) == (
        f"aws {python_version('pulumi-aws')}, official is there; "
        f"docker {python_version('pulumi-docker')}, stand-in; "
        f"kubernetes {python_version('pulumi-kubernetes')}, stand-in"
    )
    made = [plugin.folder(machine / "cache/pulumi-home") for plugin in setup_plugins.plugins()]
    assert all(folder.is_dir() for folder in made)
    assert setup_pulumi.exports()["PULUMI_HOME"] == str(machine / "cache/pulumi-home")


def test_a_stand_in_plugin_is_not_taken_for_the_official_one(machine: Path) -> None:
    official(machine, *setup_plugins.NAMES)
    plugin = setup_plugins.plugins()[0]
    (plugin.folder(machine / "home/.pulumi") / "project").write_text("/somewhere")
    assert not setup_plugins.official(plugin, machine / "home/.pulumi")
    assert setup_pulumi.exports()["PULUMI_HOME"] == str(machine / "cache/pulumi-home")


def test_folders_of_ours_on_path_are_not_what_the_user_has(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(machine / "cache/bin/pulumi", f"echo v{PINNED}")
    monkeypatch.setenv("PATH", f"{machine}/cache/bin:{os.environ['PATH']}")
    assert setup_pulumi.pulumi_on_path() is None
