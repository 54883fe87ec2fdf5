"""Content that git holds a pointer for: Git LFS."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

# https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md: text of less than 1024 bytes.
_START = b"version https://git-lfs.github.com/spec/"
_OID = re.compile(rb"^oid sha256:([0-9a-f]{64})$", re.MULTILINE)
_SIZE = re.compile(rb"^size ([0-9]{1,18})$", re.MULTILINE)


class LfsError(Exception):
    """The content is not at hand; the text says why, and what to do."""


def is_pointer(content: bytes) -> bool:
    """Whether a blob is a pointer and not the file itself."""
    return len(content) < 1024 and content.startswith(_START)


def fetched_content(common: Path, pointer: bytes) -> bytes:
    """What a pointer stands for, from where `git lfs pull` puts it below the `.git` folder.

    Raises `LfsError` if it was never fetched, or is not what the pointer says.
    """
    oid, size = _OID.search(pointer), _SIZE.search(pointer)
    if oid is None or size is None:
        raise LfsError("is a Git LFS pointer that git-lfs cannot read; add the file again")
    name = oid[1].decode()
    try:
        content = (common / "lfs" / "objects" / name[:2] / name[2:4] / name).read_bytes()
    except FileNotFoundError:
        raise LfsError(
            "is a Git LFS pointer, not the file itself, and its content was not fetched: run "
            "`git lfs pull` (in GitHub Actions check out with `lfs: true`), or exclude it in "
            ".dockerignore"
        ) from None
    if len(content) != int(size[1]) or hashlib.sha256(content).hexdigest() != name:
        raise LfsError(
            "is a Git LFS pointer whose fetched content is damaged: run `git lfs fsck` and "
            "`git lfs pull`"
        )
    return content
