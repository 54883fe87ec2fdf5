"""What the tags of base images name at this moment, asked for beside other work."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable

from clients.registry_auth import Keychain

_HUB = "registry-1.docker.io"
_MOST = 8  # distinct bases; a repository with more has other sorrows


class BaseLookup:
    """Asks for the digests of tags in the background; whoever does not answer is left out."""

    def __init__(self, bases: Iterable[str], keychain: Keychain) -> None:
        """`bases` are references with a tag, or without one for `latest`."""
        self._found: dict[str, str] = {}
        self._threads = [
            threading.Thread(target=self._ask, args=(base, keychain), daemon=True, name="base")
            for base in sorted(set(bases))[:_MOST]
        ]
        for thread in self._threads:
            thread.start()

    def digests(self, seconds: float) -> dict[str, str]:
        """Digest by base, of those whose registry has answered, after that time at the latest."""
        deadline = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        return dict(self._found)

    def _ask(self, base: str, keychain: Keychain) -> None:
        from requests import RequestException

        from clients import ClientError
        from clients.registry import Registry

        repository, tag = reference_of(base)
        try:
            digest = Registry(repository, keychain).head(tag)
        except (ClientError, RequestException, ValueError):
            return  # the digest is only an addition to a warning
        if digest:
            self._found[base] = digest


def reference_of(base: str) -> tuple[str, str]:
    """host/path and tag, with what Docker fills in for Docker Hub and for a missing tag.

    https://docs.docker.com/reference/cli/docker/image/tag/#description
    """
    name, colon, tag = base.rpartition(":")
    if not colon or "/" in tag:
        name, tag = base, "latest"
    host, slash, path = name.partition("/")
    if not slash or not ("." in host or ":" in host or host == "localhost"):
        host, path = _HUB, name if slash else f"library/{name}"
    elif host == "docker.io":
        host, path = _HUB, path if "/" in path else f"library/{path}"
    return f"{host}/{path}", tag
