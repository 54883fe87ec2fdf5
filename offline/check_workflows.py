"""`python -m offline.check_workflows`: actionlint and zizmor over every workflow.

Both are pinned, and neither asks the network.
"""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from offline import setup_venv
from offline.setup_build import ACTIONLINT, cached
from offline.setup_error import guarded
from offline.setup_place import PROJECT, cache_folder

CONFIGURATION = ".github/actionlint.yaml"


def workflows() -> list[str]:
    """Every workflow, ours and the recipes', from the project's folder."""
    places = (".github/workflows/*.yml", "docs/recipes/*/.github/workflows/*.yml")
    files = sorted(file for place in places for file in PROJECT.glob(place))
    return [str(file.relative_to(PROJECT)) for file in files]


def commands(files: Sequence[str]) -> list[list[str]]:
    """What is run, in order."""
    actionlint = cache_folder() / "bin" / ACTIONLINT.name
    return [
        [str(actionlint), "-config-file", CONFIGURATION, "-color=false", *files],
        [str(setup_venv.program("zizmor")), "--offline", "--no-progress", "--quiet", *files],
    ]


def main() -> int:
    cached(ACTIONLINT)
    setup_venv.install("zizmor")
    files = workflows()
    for argv in commands(files):
        if code := subprocess.run(argv, cwd=PROJECT, check=False).returncode:  # noqa: S603
            print(f"workflows: {Path(argv[0]).name} is not content", file=sys.stderr)
            return code
    print(f"workflows: {len(files)} files, actionlint and zizmor are content")
    return 0


if __name__ == "__main__":
    sys.exit(guarded(main))
