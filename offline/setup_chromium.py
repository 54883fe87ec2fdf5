"""`python -m offline.setup_chromium`: makes sure of a Chromium, which only tests of pages need."""

import os
import shutil
import sys

from offline.setup_error import SetupError, guarded
from offline.setup_place import cache_folder
from offline.setup_run import Word, fetch

NAMES = ("chromium", "chromium-browser", "google-chrome")


def program() -> str | None:
    """The browser that is on PATH; None if there is none."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


def install() -> str:
    """Installs Debian's if there is none; says what came of it. Raises SetupError if that fails."""
    found = program()
    if found is not None:
        return f"in {found}"
    if not shutil.which("apt-get") or os.geteuid() != 0:
        raise SetupError(
            f"no browser is on PATH ({', '.join(NAMES)}); install one, on Debian by: "
            "sudo apt-get install --yes chromium fonts-dejavu-core"
        )
    log = cache_folder() / "logs" / "chromium.log"
    words: list[Word] = ["apt-get", "install", "--yes", "--no-install-recommends"]
    fetch("package lists", ["apt-get", "update"], log)
    fetch("chromium", [*words, "chromium", "fonts-dejavu-core"], log)
    return f"installed: {program()}"


def main() -> int:
    print(f"  {'chromium':<16} {install()}")
    return 0


if __name__ == "__main__":
    sys.exit(guarded(main))
