"""Blobs from one repository into another: mounted where the registry does it, else streamed."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from typing import IO, Any, cast
from urllib.parse import quote, urljoin

import requests
import urllib3

from clients.registry import Registry
from clients.registry_http import RegistryError
from clients.registry_manifests import Descriptor
from clients.registry_refusals import no_repository, refusal

_TRIES = 3
_PASSING = (0, 401, 404, 408, 416, 429, 500, 502, 503, 504)
_DAMAGED = "DIGEST_INVALID"


def copy_blob(source: Registry, target: Registry, blob: Descriptor) -> str:
    """Bring one blob into `target`; "mounted", "there" (already) or "copied".

    On one host the registry is asked to mount it, and its refusal is an open upload. A transfer
    that breaks off is begun anew, three times in all. RegistryError when it can't be done, or
    when the source's bytes are not those of the digest.
    """
    if same_host(source, target):
        place = _mount(source, target, blob)
        if place is None:
            return "mounted"
        if has_blob(target, blob):
            return "there"
    elif has_blob(target, blob):
        return "there"
    else:
        place = open_upload(target)
    for attempt in range(_TRIES):
        try:
            _stream(source, target, blob, place or open_upload(target))
            return "copied"
        except RegistryError as error:
            if attempt == _TRIES - 1 or error.code or error.status not in _PASSING:
                raise
            time.sleep(0.25 * 2**attempt)
            place = None
    raise AssertionError("unreachable")


def same_host(one: Registry, other: Registry) -> bool:
    """Whether one registry holds both repositories, so that it can mount."""
    return one.host.lower() == other.host.lower()


def has_blob(registry: Registry, blob: Descriptor) -> bool:
    """Whether the repository has the blob, by one HEAD."""
    path = f"/v2/{registry.path}/blobs/{blob.digest}"
    return registry.http.send("HEAD", path, registry.path).status_code != 404


def _mount(source: Registry, target: Registry, blob: Descriptor) -> str | None:
    """None when the blob is mounted, else where to upload it."""
    query = f"mount={quote(blob.digest)}&from={quote(source.path)}"
    path = f"/v2/{target.path}/blobs/uploads/?{query}"
    answer = target.http.send("POST", path, target.path, reads=source.path, data=b"")
    return None if answer.status_code == 201 else _location(target, answer)


def open_upload(target: Registry) -> str:
    """The URL where one blob may be sent to."""
    path = f"/v2/{target.path}/blobs/uploads/"
    return _location(target, target.http.send("POST", path, target.path, data=b""))


def _stream(source: Registry, target: Registry, blob: Descriptor, place: str) -> None:
    path = f"/v2/{source.path}/blobs/{blob.digest}"
    headers = {"Accept-Encoding": "identity"}
    with source.http.send("GET", path, source.path, headers=headers, stream=True) as answer:
        if answer.status_code == 404:
            raise RegistryError(
                f"{source.repository}: its blob {blob.digest} is missing; the image is damaged "
                "there, build it anew",
                "BLOB_UNKNOWN",
                404,
            )
        body: Any = _Checked(answer, blob, source.repository) if blob.size else b""
        sent = target.http.send(
            "PATCH",
            place,
            target.path,
            headers={"Content-Type": "application/octet-stream"},
            data=cast(IO[bytes], body),
        )
    place = _location(target, sent)
    place += ("&" if "?" in place else "?") + f"digest={quote(blob.digest)}"
    done = target.http.send("PUT", place, target.path, data=b"")
    if done.status_code != 201:
        raise refusal(target.host, "PUT", target.path, done)


def _location(target: Registry, answer: requests.Response) -> str:
    if answer.status_code == 404:
        raise no_repository(target.repository)
    place = answer.headers.get("Location")
    if not place:
        raise RegistryError(
            f"{target.repository}: the registry opened an upload but did not say where "
            f"(status {answer.status_code}, no Location)"
        )
    try:
        return urljoin(answer.url, place)
    except ValueError as error:
        raise RegistryError(
            f"{target.repository}: the registry sends an upload to {place[:200]!r}: {error}"
        ) from None


class _Checked:
    """A blob on its way; it fails before its last bytes if they are not those of its digest."""

    def __init__(self, answer: requests.Response, blob: Descriptor, where: str) -> None:
        said = answer.headers.get("Content-Length")
        self._blob, self._where = blob, where
        if said is not None and said != str(blob.size):
            raise self._damaged(f"it has {said} bytes there and {blob.size} in the manifest")
        self._raw = answer.raw
        self._hash = hashlib.sha256()
        self._read = 0

    def __len__(self) -> int:
        return self._blob.size

    def __iter__(self) -> Iterator[bytes]:  # requests takes only what can be iterated
        while piece := self.read(1 << 16):
            yield piece

    def read(self, amount: int = 1 << 16) -> bytes:
        """The next bytes. Raises RegistryError."""
        left = self._blob.size - self._read
        if left == 0:
            return b""
        try:
            piece: bytes = self._raw.read(min(amount, left), decode_content=False)
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise self._broken(type(error).__name__) from None
        if not piece:
            raise self._broken("no more bytes")
        self._hash.update(piece)
        self._read += len(piece)
        found = "sha256:" + self._hash.hexdigest() if self._read == self._blob.size else ""
        if found and found != self._blob.digest:
            raise self._damaged(f"its bytes are {found}")
        return piece

    def _broken(self, why: str) -> RegistryError:
        return RegistryError(
            f"{self._where}: its blob {self._blob.digest} broke off after {self._read} of "
            f"{self._blob.size} bytes ({why}); run this again"
        )

    def _damaged(self, why: str) -> RegistryError:
        return RegistryError(
            f"{self._where}: its blob {self._blob.digest} is damaged: {why}; nothing was given a "
            "name. Build the image anew",
            _DAMAGED,
        )
