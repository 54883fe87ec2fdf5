"""Client of the docker-registry behind the front, over its unix socket."""

from pathlib import Path
from typing import Protocol

import aiohttp

from localcloud.aws_error import AwsError
from localcloud.problem import CloudError

CHUNK = 1 << 18


class Manifest(Protocol):
    """What the store needs to know of a manifest."""

    image_manifest: str
    image_manifest_media_type: str | None

    @property
    def image_digest(self) -> str:
        """sha256:… of the manifest's bytes."""


class Store:
    """Blobs and manifests by digest; it knows no tags. Used on the loop only."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket
        self._session: aiohttp.ClientSession | None = None

    @property
    def session(self) -> aiohttp.ClientSession:
        """The connection pool to the registry; paths start with `http://store/v2/`."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.UnixConnector(str(self._socket), limit=64),
                timeout=aiohttp.ClientTimeout(total=None, sock_read=300),
                auto_decompress=False,
            )
        return self._session

    async def close(self) -> None:
        """Closes the connections."""
        if self._session is not None:
            await self._session.close()

    async def put_manifest(self, name: str, manifest: Manifest) -> None:
        """Stores a manifest; raises AwsError if a blob or manifest that it names is missing."""
        url = f"http://store/v2/{name}/manifests/{manifest.image_digest}"
        headers = {"Content-Type": manifest.image_manifest_media_type or ""}
        data = manifest.image_manifest.encode()
        async with self.session.put(url, data=data, headers=headers) as answer:
            if answer.status != 201:
                text = (await answer.text())[:500]
                raise AwsError("LayersNotFoundException", f"the registry refuses it: {text}")

    async def delete_manifest(self, name: str, digest: str) -> None:
        """Deletes a manifest; a missing one is no error."""
        async with self.session.delete(f"http://store/v2/{name}/manifests/{digest}") as answer:
            await answer.read()

    async def has_blob(self, name: str, digest: str) -> int | None:
        """The size in bytes of a blob of that repository, None if it isn't there."""
        async with self.session.head(f"http://store/v2/{name}/blobs/{digest}") as answer:
            return int(answer.headers["Content-Length"]) if answer.status == 200 else None

    async def upload(self, name: str, digest: str, data: bytes | Path) -> None:
        """Uploads a blob from memory or a file."""
        location = await self._begin(f"http://store/v2/{name}/blobs/uploads/")
        content = data.open("rb") if isinstance(data, Path) else data
        url = f"http://store{location}&digest={digest}"
        async with self.session.put(url, data=content) as answer:
            if answer.status != 201:
                raise CloudError(f"the registry refuses blob {digest}: {await answer.text()}")

    async def mount(self, name: str, digest: str, source: str) -> None:
        """Makes a blob of repository `source` known in repository `name`."""
        query = f"mount={digest}&from={source}"
        async with self.session.post(f"http://store/v2/{name}/blobs/uploads/?{query}") as answer:
            if answer.status != 201:
                raise CloudError(f"the registry does not mount {digest}: {answer.status}")

    async def _begin(self, url: str) -> str:
        async with self.session.post(url) as answer:
            if answer.status != 202:
                raise CloudError(f"the registry opens no upload: {await answer.text()}")
            return answer.headers["Location"]
