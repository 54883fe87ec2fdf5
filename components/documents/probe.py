"""The health check that a container runs inside of itself: AWS and Docker offer no HTTP check."""

from __future__ import annotations

from collections.abc import Sequence

INTERVAL, TIMEOUT, RETRIES = 5, 4, 3
"""Seconds between two checks, seconds that one may take, and how many in a row must fail."""

# Small images have one of these at most. With none the running process is all there is to see;
# the URL comes as $1, so that nothing of the stack file is ever a shell's text.
_SCRIPT = """\
if command -v wget >/dev/null; then exec wget -q -T 4 -O /dev/null "$1"; fi
if command -v curl >/dev/null; then exec curl -fsS -m 4 -o /dev/null "$1"; fi
if command -v python3 >/dev/null; then exec python3 -c \
'import sys, urllib.request as r; r.urlopen(sys.argv[1], timeout=4)' "$1"; fi
if command -v node >/dev/null; then exec node -e \
'fetch(process.argv[1]).then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))' "$1"; fi
exit 0"""


def probe(
    *, port: int | None, health: str | None, command: Sequence[str] | None
) -> list[str] | None:
    """The check as the argv of `CMD`; None for no check.

    `command` is the service's own and wins; an empty one means no check. Else `health` is asked
    for on the container's own port by whichever of wget, curl, python3 and node there is; it needs
    a shell in the image.
    """
    if command is not None:
        return ["CMD", *command] if command else None
    if port is None or health is None:
        return None
    return ["CMD", "sh", "-c", _SCRIPT, "probe", f"http://127.0.0.1:{port}{health}"]
