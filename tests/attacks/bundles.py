"""Bundles as an attacker makes them: good ones with one entry more, and bytes that are none."""

from __future__ import annotations

import gzip
import io
import tarfile
import zlib
from typing import Any

SMALL: dict[str, dict[str, Any]] = {
    "up": {"name": "deploy/../../etc/cron.d/{canary}"},
    "up alone": {"name": "deploy/..", "type": tarfile.DIRTYPE},
    "absolute": {"name": "/etc/cron.d/{canary}"},
    "elsewhere": {"name": "bin/{canary}"},
    "symbolic link": {"name": "deploy/l", "type": tarfile.SYMTYPE, "linkname": "/etc/cron.d"},
    "hard link": {"name": "deploy/l", "type": tarfile.LNKTYPE, "linkname": "VERSION"},
    "device": {"name": "deploy/disk", "type": tarfile.BLKTYPE, "devmajor": 8},
    "pipe": {"name": "deploy/pipe", "type": tarfile.FIFOTYPE},
    "setuid": {"name": "deploy/sh", "mode": 0o4755},
    "a line break": {"name": "deploy/a\nVERSION"},
    "a command": {"name": "deploy/$(touch {canary})"},
    "an option": {"name": "--checkpoint-action=exec=touch {canary}"},
}
"""What one entry more is, by what it tries."""


def with_entry(good: bytes, canary: str, **attributes: Any) -> bytes:
    """A good bundle with such an entry added."""
    name = str(attributes.pop("name")).replace("{canary}", canary)
    entry = tarfile.TarInfo(name)
    entry.mode = 0o644
    for key, value in attributes.items():
        setattr(entry, key, value)
    plain = io.BytesIO(gzip.decompress(good))
    with tarfile.open(fileobj=plain, mode="a") as archive:
        archive.addfile(entry)
    return gzip.compress(plain.getvalue(), mtime=0)


def with_script(good: bytes, script: str) -> bytes:
    """A good bundle whose deploy script is another one."""
    made = io.BytesIO()
    with tarfile.open(fileobj=io.BytesIO(good)) as old, tarfile.open(fileobj=made, mode="w") as new:
        for member in old:
            found = old.extractfile(member)
            data = found.read() if found else b""
            if member.name.endswith(".sh"):
                data = script.encode()
                member.size = len(data)
            new.addfile(member, io.BytesIO(data))
    return gzip.compress(made.getvalue(), mtime=0)


def bomb(mib: int) -> bytes:
    """A few KiB that unpack to so much."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join([*(packer.compress(bytes(1 << 20)) for _ in range(mib)), packer.flush()])
