"""The AWS command line tool of the local machine: pinned, pure Python, for Debian's Python 3.11."""

import shutil
import sys
from pathlib import Path

from offline.setup_run import Word, fetch, run

# 1.46 knows AWS_ENDPOINT_URL, and its s3, ecr and ssm commands read as those of version 2.
AWS_CLI = "1.46.2"
PYTHON = "3.11"
FOLDER = Path("opt/aws-cli")
LAUNCHER = f'#!/bin/sh\nPYTHONPATH=/{FOLDER} exec python3 /{FOLDER}/bin/aws "$@"\n'


def put_aws_cli(root: Path, logs: Path) -> None:
    """Installs it under /opt/aws-cli of a root, with /usr/local/bin/aws; raises SetupError."""
    folder = root / FOLDER
    argv: list[Word] = [sys.executable, "-m", "pip", "install", "--target", folder, "--no-compile"]
    wheels = ["--only-binary=:all:", "--implementation=cp", f"--python-version={PYTHON}"]
    fetch("AWS CLI", [*argv, *wheels, f"awscli=={AWS_CLI}"], logs / "image-aws-cli.log")
    shutil.rmtree(folder / "awscli" / "examples")
    launcher = root / "usr/local/bin/aws"
    launcher.parent.mkdir(parents=True, exist_ok=True)
    launcher.write_text(LAUNCHER)
    launcher.chmod(0o755)
    if (root / "usr/bin/python3").exists():
        compile_all: list[Word] = [
            "chroot",
            root,
            "python3",
            "-m",
            "compileall",
            "-q",
            f"/{FOLDER}",
        ]
        run("AWS CLI", compile_all, logs / "image-aws-cli.log")
