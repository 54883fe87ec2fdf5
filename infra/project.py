"""What Pulumi tells a program of its stack and project: configuration and folder."""

from __future__ import annotations

from pathlib import Path

from pulumi.runtime import get_root_directory
from pulumi.runtime.config import CONFIG, get_config_env


def stack_config() -> dict[str, str]:
    """Every key that the stack file and `-c` set, by its name with the project's prefix."""
    return {**get_config_env(), **CONFIG.get()}


def project_folder() -> Path:
    """Where Pulumi.yaml is; the folder of the program may be another one (`main:`)."""
    # Not every language host says it.
    root = Path(get_root_directory() or ".")
    return root if (root / "Pulumi.yaml").is_file() else Path.cwd()
