"""What ends set-up or the engine: one message with the way out, exit code 1, no traceback."""

import sys
from collections.abc import Callable


class SetupError(Exception):
    """Says what is wrong, with which value, and what to do next."""


def guarded(command: Callable[[], int]) -> int:
    """Gives the exit code of a command; SetupError and Ctrl-C become one message and 1 or 130."""
    try:
        return command()
    except SetupError as problem:
        print(f"\nerror: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nstopped; run the same command again to go on", file=sys.stderr)
        return 130
