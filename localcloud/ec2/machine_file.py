"""A file of a machine, read as `docker cp` does."""

import io
import tarfile
from typing import Any

import docker.errors

_HEADERS = 8 * tarfile.BLOCKSIZE  # of the tar that a file comes in


def file_of(api: Any, container: str, path: str, limit: int) -> bytes:
    """The first bytes of a file; none if it isn't there.

    Not by a command that prints them: Docker may lose what a command says that ends at once.
    """
    try:
        chunks, _ = api.get_archive(container, path)
    except docker.errors.NotFound:
        return b""
    found = bytearray()
    for chunk in chunks:
        found += chunk
        if len(found) >= limit + _HEADERS:
            break
    with tarfile.open(fileobj=io.BytesIO(found)) as archive:
        file = archive.next()
    if file is None:
        return b""
    return bytes(found[file.offset_data :][: min(limit, file.size)])
