"""Python programs that pin too much to share our environment: each has its own in the cache."""

import os
import shutil
import sys
from pathlib import Path

from offline.setup_pins import TOOLS, digest_of
from offline.setup_place import cache_folder
from offline.setup_run import Word, fetch, run


def requirements(name: str) -> Path:
    """What is installed for a program."""
    return TOOLS / name / "requirements.txt"


def program(name: str) -> Path:
    """Where the pinned program is, or would be."""
    return cache_folder() / f"{name}-{digest_of([requirements(name)])[:12]}" / "bin" / name


def install(name: str) -> str:
    """Installs it if it isn't there; says what came of it. Raises SetupError if that fails."""
    wanted = program(name)
    folder = wanted.parents[1]
    if os.access(wanted, os.X_OK):
        return f"in {folder}"
    log = cache_folder() / "logs" / f"{name}.log"
    # A broken run leaves no program behind: pip writes that last, but its folder may be half full.
    shutil.rmtree(folder, ignore_errors=True)
    run(name, [sys.executable, "-m", "venv", folder], log)
    python = folder / "bin" / "python"
    pip: list[Word] = [python, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    fetch(name, [*pip, "-r", requirements(name)], log)
    return f"installed into {folder}"
