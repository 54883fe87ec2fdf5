"""What ends set-up or the engine: one message with the way out, exit code 1, no traceback."""

import sys
from collections.abc import Callable


class Problem(Exception):
    """Says what is wrong, with which value, and what to do next."""


def guarded(command: Callable[[], int]) -> int:
    """Runs a command and gives its exit code; a Problem or Ctrl-C becomes one message and 1 or 130."""
    try:
        return command()
    except Problem as problem:
        print(f"\nerror: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nstopped; run the same command again to go on", file=sys.stderr)
        return 130
