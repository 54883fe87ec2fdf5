"""How GitHub's repositories, tags and addresses are written; all checked before any call."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from clients.registry_names import is_loopback

# Letters, digits and inner hyphens; the accounts of an enterprise end in _shortcode.
_OWNER = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,38})")
_NAME = re.compile(r"[A-Za-z0-9._-]{1,100}")
# What git and a registry both take as a tag, and no path of a URL can be bent with.
_TAG = re.compile(r"[A-Za-z0-9_](?:\.?[A-Za-z0-9_+-])*")
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


def check_repository(repository: str) -> str:
    """`repository` if it is owner/name. Raises ValueError otherwise."""
    owner, _, name = repository.partition("/")
    if not _OWNER.fullmatch(owner) or not _NAME.fullmatch(name) or name in (".", ".."):
        raise ValueError(
            f"{repository!r} is no GitHub repository; allowed: owner/name, as in the address "
            "https://github.com/owner/name"
        )
    return repository


def check_api(api: str) -> str:
    """The address of the API without a slash at its end; http for this machine only.

    Raises ValueError when it is something else than https://host[:port][/path].
    """
    try:
        parts = urlsplit(api)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        parts, host, port = urlsplit(""), "", None
    is_plain = re.fullmatch(r"[A-Za-z0-9:/._\[\]-]+", api) is not None
    here = is_loopback(f"{host}:{port or 80}") or host == "::1"
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and here)
    if not (host and is_plain and is_safe):
        raise ValueError(
            f"{api!r} is no address of a GitHub API; allowed: https://api.github.com, or "
            "https://HOST/api/v3 of a GitHub Enterprise Server"
        )
    return api.rstrip("/")


def check_tag(tag: str) -> str:
    """`tag` if git and GitHub take it as a tag. Raises ValueError otherwise."""
    if not _TAG.fullmatch(tag) or len(tag) > 128 or tag.endswith(".lock"):
        raise ValueError(
            f"{tag!r} is no tag for a release; allowed: at most 128 of A-Z a-z 0-9 _ . + -, not "
            "starting with . or -, no two dots together"
        )
    return tag


def check_commit(commit: str) -> str:
    """`commit` if it is a whole commit id. Raises ValueError otherwise."""
    if not _COMMIT.fullmatch(commit):
        raise ValueError(f"{commit!r} is no commit id; allowed: 40 (or 64) hexadecimal digits")
    return commit


def web_url(api: str) -> str:
    """Where people look at what `api` serves: https://github.com for https://api.github.com."""
    base = check_api(api)
    parts = urlsplit(base)
    if (parts.hostname or "").startswith("api."):
        return f"{parts.scheme}://{parts.netloc.removeprefix('api.')}"
    return base.removesuffix("/api/v3")


def compare_url(api: str, repository: str, old: str, new: str) -> str:
    """The page that shows the commits after `old` up to `new`, both commit ids.

    Raises ValueError when one of them is not what its name says.
    """
    between = f"{check_commit(old)}...{check_commit(new)}"
    return f"{web_url(api)}/{check_repository(repository)}/compare/{between}"
