"""Parameters that services of hosts read: their names and versions, never their values."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from clients.aws import AwsAccess
from clients.parameters import versions_below


def versions_of(access: AwsAccess, paths: Iterable[str]) -> dict[str, dict[str, int]]:
    """By path, the version of each parameter directly below it, asked for at the same time.

    Raises AwsError.
    """
    wanted = sorted(set(paths))
    if not wanted:
        return {}
    with ThreadPoolExecutor(len(wanted)) as pool:
        found = pool.map(lambda path: versions_below(access, path), wanted)
    return dict(zip(wanted, found, strict=True))
