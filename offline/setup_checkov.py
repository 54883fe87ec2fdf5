"""`python -m offline.setup_checkov`: makes sure of checkov, which only the policy checks need.

It lies in an environment of its own in the cache (300 MB), since it pins a hundred packages.
"""

import os
import shutil
import sys
from pathlib import Path

from offline.setup_error import guarded
from offline.setup_pins import TOOLS, digest_of
from offline.setup_place import cache_folder
from offline.setup_run import Word, run

REQUIREMENTS = TOOLS / "checkov" / "requirements.txt"


def program() -> Path:
    """Where the pinned checkov is, or would be."""
    return cache_folder() / f"checkov-{digest_of([REQUIREMENTS])[:12]}" / "bin" / "checkov"


def install() -> str:
    """Installs it if it isn't there; says what came of it. Raises SetupError if that fails."""
    wanted = program()
    if os.access(wanted, os.X_OK):
        return f"in {wanted.parents[1]}"
    folder = wanted.parents[1]
    log = cache_folder() / "logs" / "checkov.log"
    # A broken run leaves no program behind: pip writes that last, but its folder may be half full.
    shutil.rmtree(folder, ignore_errors=True)
    run("checkov", [sys.executable, "-m", "venv", folder], log)
    python = folder / "bin" / "python"
    pip: list[Word] = [python, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    run("checkov", [*pip, "-r", REQUIREMENTS], log)
    return f"installed into {folder}"


def main() -> int:
    print(f"  {'checkov':<16} {install()}")
    return 0


if __name__ == "__main__":
    sys.exit(guarded(main))
