"""The official plugin wins wherever it is there; the stand-in comes last."""

import os
import subprocess
from pathlib import Path

import pytest

from offline.plugin import install as installer
from offline.plugin.install import Installed, PluginName, choice, install, installed

ROOT = Path(__file__).resolve().parents[2]
LAUNCHER = ROOT / "offline" / "plugin" / "pulumi-resource"
AWS = PluginName("aws", "7.51.1")
FOLDER = Path("plugins", "resource-aws-v7.51.1")


@pytest.mark.parametrize(
    ("there", "downloaded", "chosen"),
    [
        ("official", False, "official is there"),
        ("official", True, "official is there"),
        ("none", True, "official, downloaded"),
        ("stand-in", True, "official, downloaded"),
        ("stand-in", False, "stand-in is there"),
        ("none", False, "stand-in"),
    ],
)
def test_official_comes_first(there: Installed, downloaded: bool, chosen: str) -> None:
    assert choice(there, downloaded=downloaded) == chosen


def home_with(folder: Path, launcher: bytes, project: str | None) -> Path:
    plugin = folder / FOLDER
    plugin.mkdir(parents=True)
    (plugin / "pulumi-resource-aws").write_bytes(launcher)
    if project is not None:
        (plugin / "project").write_text(project)
    return folder


def test_an_official_plugin_is_recognised_and_left_alone(tmp_path: Path) -> None:
    home = home_with(tmp_path, b"\x7fELF", None)
    assert installed(AWS, home) == "official"
    assert install(AWS, home, Path("/does/not/exist")) == "plugin aws 7.51.1: official is there"
    assert (home / FOLDER / "pulumi-resource-aws").read_bytes() == b"\x7fELF"


def test_a_stand_in_counts_only_while_its_project_and_launcher_are_right(tmp_path: Path) -> None:
    ours = LAUNCHER.read_bytes()
    assert installed(AWS, home_with(tmp_path / "a", ours, f"{ROOT}\n")) == "stand-in"
    assert installed(AWS, home_with(tmp_path / "b", ours, "/gone\n")) == "none"
    assert installed(AWS, home_with(tmp_path / "c", b"#!/bin/sh\n", f"{ROOT}\n")) == "none"
    assert installed(AWS, tmp_path / "d") == "none"


def fake_pulumi(folder: Path, *, download: str) -> Path:
    """A pulumi whose download does what `download` says and whose --file copies the folder."""
    pulumi = folder / "pulumi"
    pulumi.write_text(
        "#!/bin/sh\n"
        f'case "$*" in *--file*) ;; *) {download} ;; esac\n'
        'while [ "$1" != --file ]; do shift; done\n'
        f'mkdir -p "$PULUMI_HOME/{FOLDER}" && cp "$2"/* "$PULUMI_HOME/{FOLDER}/"\n'
    )
    pulumi.chmod(0o755)
    return pulumi


def test_the_stand_in_is_installed_when_the_download_fails(tmp_path: Path) -> None:
    pulumi = fake_pulumi(tmp_path, download="exit 1")
    assert install(AWS, tmp_path, pulumi) == "plugin aws 7.51.1: stand-in"
    assert install(AWS, tmp_path, pulumi) == "plugin aws 7.51.1: stand-in is there"
    assert (tmp_path / FOLDER / "project").read_text() == f"{ROOT}\n"


def test_a_download_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installer, "_LIMIT", 0.2)
    pulumi = fake_pulumi(tmp_path, download="exec sleep 30")
    assert install(AWS, tmp_path, pulumi) == "plugin aws 7.51.1: stand-in"


def test_a_download_that_works_is_used(tmp_path: Path) -> None:
    pulumi = fake_pulumi(tmp_path, download="exit 0")
    assert install(AWS, tmp_path, pulumi) == "plugin aws 7.51.1: official, downloaded"


def launched(folder: Path, project: str) -> subprocess.CompletedProcess[str]:
    copy = folder / "pulumi-resource-aws"
    copy.write_bytes(LAUNCHER.read_bytes())
    copy.chmod(0o755)
    environment = {**os.environ, "SLIPWAY_PROJECT": project}
    return subprocess.run([str(copy)], env=environment, capture_output=True, text=True, check=False)


def test_the_launcher_runs_the_project_of_the_environment_before_the_written_one(
    tmp_path: Path,
) -> None:
    project = tmp_path / "clone"
    (project / "offline" / "aws").mkdir(parents=True)
    python = project / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\necho "ran $PYTHONPATH $*"\n')
    python.chmod(0o755)
    (tmp_path / "project").write_text("/gone\n")
    assert launched(tmp_path, str(project)).stdout.startswith(f"ran {project}")
    (tmp_path / "project").write_text(f"{project}\n")
    assert launched(tmp_path, "").stdout.startswith(f"ran {project}")


def test_a_launcher_without_a_project_says_so(tmp_path: Path) -> None:
    result = launched(tmp_path, "")
    assert result.returncode == 1
    assert "source env.sh" in result.stderr
