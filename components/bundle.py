"""The deploy bundle: one archive per version of a stack, the same bytes for the same content."""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Mapping

from components.documents.grammar import check


def bundle(files: Mapping[str, str], version: str) -> bytes:
    """A `.tar.gz` of the files and VERSION: sorted, owned by root, of 1970, modes 644 and 755.

    Raises `ValueError` for a version that isn't a Docker tag.
    """
    content = {**files, "VERSION": check("version", version) + "\n"}
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for path in sorted(content):
            data = content[path].encode()
            entry = tarfile.TarInfo(path)
            entry.size = len(data)
            entry.mode = 0o755 if path.endswith(".sh") else 0o644
            entry.uname = entry.gname = "root"
            archive.addfile(entry, io.BytesIO(data))
    packed = io.BytesIO()
    # Level 0 stores: zlib and zlib-ng compress the same text to different bytes.
    with gzip.GzipFile(fileobj=packed, mode="wb", filename="", compresslevel=0, mtime=0) as file:
        file.write(plain.getvalue())
    return packed.getvalue()


def bundle_key(stack: str, version: str) -> str:
    """Where a bundle lies in the bucket.

    Raises `ValueError` for a stack or a version that doesn't fit.
    """
    check("stack", stack)
    return f"bundles/{stack}/deploy-bundle-{check('version', version)}.tar.gz"
