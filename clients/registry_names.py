"""How repositories, tags and digests are written, and where a registry's API is."""

from __future__ import annotations

import ipaddress
import re

from release.names import REPOSITORY, TAG

_HOST = re.compile(
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9a-fA-F:]+\])(?::[0-9]{1,5})?"
)
PUBLIC_ECR = "public.ecr.aws"
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def split_repository(repository: str) -> tuple[str, str]:
    """The host (with port) and the path of "host[:port]/path". Raises ValueError otherwise."""
    host, _, path = repository.partition("/")
    if not _HOST.fullmatch(host) or not REPOSITORY.fullmatch(path) or len(path) > 255:
        raise ValueError(
            f"{repository!r} is not a repository; allowed: host[:port]/path without a tag, "
            "the path in lower case, joined by . _ - and /"
        )
    return host, path


def is_tag(text: str) -> bool:
    """Whether a registry takes `text` as a tag: at most 128 of A-Z a-z 0-9 _ . -"""
    return TAG.fullmatch(text) is not None


def is_digest(text: str) -> bool:
    """Whether `text` is sha256: and 64 hexadecimal digits."""
    return _DIGEST.fullmatch(text) is not None


def is_loopback(host: str) -> bool:
    """Whether `host` (with or without a port) is this machine; only then plain http is used."""
    bare = host if host.endswith("]") else host.rsplit(":", 1)[0]
    bare = bare.strip("[]")
    if bare == "localhost":
        return True
    try:
        return ipaddress.ip_address(bare).is_loopback
    except ValueError:
        return False


def base_url(host: str) -> str:
    """The URL of the registry API of `host`: https, or http for this machine."""
    if host in ("docker.io", "index.docker.io"):
        return "https://registry-1.docker.io"
    return f"http://{host}" if is_loopback(host) else f"https://{host}"
