"""Repository base/debian with the base image of the sample services."""

import hashlib
import json
import zlib
from pathlib import Path
from typing import Any

from moto.ecr.models import ecr_backends

from localcloud.place import Place
from localcloud.problem import CloudError
from localcloud.registry.catalog import Catalog, storage_name
from localcloud.registry.daemon import BASE_STORE

REPOSITORY = "base/debian"
TAG = "bookworm"
STORE_NAME = f"{BASE_STORE}/base"
MANIFEST_TYPE = "application/vnd.docker.distribution.manifest.v2+json"
CONFIG_TYPE = "application/vnd.docker.container.image.v1+json"
LAYER_TYPE = "application/vnd.docker.image.rootfs.diff.tar.gzip"
CHUNK = 1 << 20


class BaseImage:
    """Uploads the tar's image once per registry storage, then names it wherever it's asked for."""

    def __init__(self, place: Place, tar: Path, catalog: Catalog) -> None:
        self._record = place.folder / "base.json"
        self._layer = place.folder / "base.layer"
        self._tar = tar
        self._catalog = catalog
        self._manifest: bytes | None = None

    async def upload(self) -> None:
        """Makes sure that the storage holds the image; raises CloudError without a tar."""
        if not self._tar.exists():
            raise CloudError(f"the base image {self._tar} is missing; run `make setup`")
        stat = self._tar.stat()
        stamp = f"{stat.st_size}:{stat.st_mtime_ns}"
        known = self._known(stamp)
        if known is None or not await self._held(known):
            known = await self._make(stamp)
        self._manifest = known

    async def provide(self, account: str, region: str) -> None:
        """Makes base/debian:bookworm in an account's region if it isn't there."""
        backend = ecr_backends[account][region]
        repository = backend.repositories.get(REPOSITORY)
        if repository is None:
            repository = backend.create_repository(
                REPOSITORY, None, {}, None, "MUTABLE", [{"Key": "made-by", "Value": "localcloud"}]
            )
        if self._manifest is None or self._catalog.find(repository, TAG) is not None:
            return
        for blob in blobs(self._manifest):
            await self._catalog.store.mount(storage_name(repository), blob, STORE_NAME)
        await self._catalog.put(repository, TAG, self._manifest, MANIFEST_TYPE)

    def _known(self, stamp: str) -> bytes | None:
        try:
            record = json.loads(self._record.read_text())
        except (OSError, ValueError):
            return None
        return str(record["manifest"]).encode() if record["tar"] == stamp else None

    async def _held(self, manifest: bytes) -> bool:
        sizes = [await self._catalog.store.has_blob(STORE_NAME, blob) for blob in blobs(manifest)]
        return None not in sizes

    async def _make(self, stamp: str) -> bytes:
        layer, diff_id = compress(self._tar, self._layer)
        config = json.dumps(image_config(diff_id), sort_keys=True).encode()
        parts = [
            {"mediaType": CONFIG_TYPE, "size": len(config), "digest": sha256(config)},
            {"mediaType": LAYER_TYPE, "size": self._layer.stat().st_size, "digest": layer},
        ]
        body = {
            "schemaVersion": 2,
            "mediaType": MANIFEST_TYPE,
            "config": parts[0],
            "layers": parts[1:],
        }
        manifest = json.dumps(body, sort_keys=True).encode()
        store = self._catalog.store
        await store.upload(STORE_NAME, sha256(config), config)
        await store.upload(STORE_NAME, layer, self._layer)
        self._layer.unlink()
        self._record.write_text(json.dumps({"tar": stamp, "manifest": manifest.decode()}))
        return manifest


def blobs(manifest: bytes) -> list[str]:
    """Digests of config and layers of an image manifest."""
    content = json.loads(manifest)
    return [part["digest"] for part in (content["config"], *content["layers"])]


def sha256(data: bytes) -> str:
    """The digest of data as registries write it."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def image_config(diff_id: str) -> dict[str, Any]:
    """The config of an image of one layer, with a fixed date: same tar, same digest."""
    path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    created = "1970-01-01T00:00:00Z"
    return {
        "architecture": "amd64",
        "os": "linux",
        "created": created,
        "config": {"Env": [path], "Cmd": ["/bin/sh"]},
        "rootfs": {"type": "layers", "diff_ids": [diff_id]},
        "history": [{"created": created, "comment": "debootstrap"}],
    }


def compress(tar: Path, target: Path) -> tuple[str, str]:
    """Writes the gzipped tar; gives the digests of the gzipped and of the plain bytes."""
    plain, packed = hashlib.sha256(), hashlib.sha256()
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    with tar.open("rb") as source, target.open("wb") as output:
        while chunk := source.read(CHUNK):
            plain.update(chunk)
            piece = packer.compress(chunk)
            packed.update(piece)
            output.write(piece)
        piece = packer.flush()
        packed.update(piece)
        output.write(piece)
    return f"sha256:{packed.hexdigest()}", f"sha256:{plain.hexdigest()}"
