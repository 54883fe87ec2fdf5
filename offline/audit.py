"""`python -m offline.audit`: known flaws of the pinned packages, by pip-audit.

It asks the advisories of the Python Package Index; without them it fails, and says so.
"""

import subprocess
import sys

from offline import setup_venv
from offline.setup_error import SetupError, guarded
from offline.setup_place import PROJECT

FILE = "requirements.txt"


def main() -> int:
    setup_venv.install("pip-audit")
    argv = [str(setup_venv.program("pip-audit")), "--requirement", FILE]
    argv += ["--no-deps", "--disable-pip", "--strict", "--progress-spinner=off"]
    done = subprocess.run(argv, cwd=PROJECT, capture_output=True, text=True, check=False)  # noqa: S603
    said = f"{done.stdout}{done.stderr}".strip()
    if "not found on PyPI" in said or "onnectionError" in said:
        raise SetupError(
            f"nobody could be asked for known flaws of the packages in {FILE}: this network does "
            "not reach the advisories of the Python Package Index. A runner of GitHub does: see "
            "the job `scan` of ci.yml"
        )
    print(said)
    return done.returncode


if __name__ == "__main__":
    sys.exit(guarded(main))
