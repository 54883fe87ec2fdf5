"""The same root file systems where debootstrap is not at hand but Debian's image can be pulled."""

import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from offline.images_aws_cli import put_aws_cli
from offline.setup_error import SetupError
from offline.setup_place import find_program
from offline.setup_run import run


def make(
    name: str, packages: Sequence[str], aws_cli: bool, suite: str, part: Path, logs: Path
) -> None:
    """Installs packages into a container of debian:<suite>-slim and exports it as a tar file.

    Raises SetupError when there is no engine that has or gets that image.
    """
    docker = str(find_program("docker") or "docker")
    source = f"debian:{suite}-slim"
    if not _succeeds(docker, "image", "inspect", source) and not _succeeds(docker, "pull", source):
        raise SetupError(
            f"{name}.tar can't be made: neither debootstrap as root nor the image {source} can be "
            "had; run `make setup` as root on Debian, or allow Docker to pull that image"
        )
    container = f"slipway-image-{name}"
    _succeeds(docker, "rm", "--force", container)
    script = (
        "apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install --yes "
        f"--no-install-recommends {' '.join(packages)} && rm -rf /var/lib/apt/lists"
    )
    argv = [docker, "run", "--name", container, source, "sh", "-c", script]
    try:
        run(f"packages of {name}", argv, logs / f"image-{name}.log")
        if aws_cli:
            _copy_aws_cli(docker, container, logs)
        run(f"{name}.tar", [docker, "export", "-o", part, container], logs / f"tar-{name}.log")
    finally:
        _succeeds(docker, "rm", "--force", container)


def _copy_aws_cli(docker: str, container: str, logs: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        put_aws_cli(Path(folder), logs)
        argv = [docker, "cp", f"{folder}/.", f"{container}:/"]
        run("AWS CLI", argv, logs / "image-aws-cli.log")


def _succeeds(*argv: str) -> bool:
    return subprocess.run(list(argv), capture_output=True).returncode == 0  # noqa: S603
