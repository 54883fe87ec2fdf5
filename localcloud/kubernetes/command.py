"""Commands of the machine that the node's surroundings are made with."""

import subprocess
from collections.abc import Sequence

from localcloud.problem import CloudError


def run(*argv: str, allowed: Sequence[int] = (0,), given: str | None = None) -> str:
    """Its output. Raises CloudError unless it ends with an exit code of `allowed`."""
    try:
        done = subprocess.run(  # noqa: S603
            argv, capture_output=True, text=True, check=False, input=given, timeout=60
        )
    except FileNotFoundError:
        raise CloudError(f"the command `{argv[0]}` is not installed") from None
    if done.returncode not in allowed:
        raise CloudError(f"{' '.join(argv)}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


def quietly(*argv: str) -> str:
    """Its output, whatever its end: for what may be gone already."""
    try:
        return run(*argv, allowed=range(-64, 256))
    except CloudError:
        return ""
