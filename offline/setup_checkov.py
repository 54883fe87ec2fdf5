"""`python -m offline.setup_checkov`: makes sure of checkov, which only the policy checks need.

It lies in an environment of its own in the cache (300 MB), since it pins a hundred packages.
"""

import sys
from pathlib import Path

from offline import setup_venv
from offline.setup_error import guarded


def program() -> Path:
    """Where the pinned checkov is, or would be."""
    return setup_venv.program("checkov")


def main() -> int:
    print(f"  {'checkov':<16} {setup_venv.install('checkov')}")
    return 0


if __name__ == "__main__":
    sys.exit(guarded(main))
