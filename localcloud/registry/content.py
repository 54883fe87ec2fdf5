"""Names, manifests and blobs of a repository that a client has been let into."""

from collections.abc import AsyncIterator, Awaitable, Callable
from urllib.parse import urlencode

from aiohttp import web

from localcloud.aws_error import AwsError
from localcloud.counters import Counters
from localcloud.registry.account import AccountSettings
from localcloud.registry.catalog import Catalog, storage_name
from localcloud.registry.gate import READS, Entry
from localcloud.registry.replies import refused
from localcloud.registry.store import CHUNK

CODES = {
    "ImageTagAlreadyExistsException": "TAG_INVALID",
    "ImageDigestDoesNotMatchException": "DIGEST_INVALID",
    "LayersNotFoundException": "MANIFEST_BLOB_UNKNOWN",
}
DROPPED = {"transfer-encoding", "connection", "location", "keep-alive"}
PASSED_ON = ("Content-Type", "Content-Length", "Content-Range", "Range", "Accept", "If-None-Match")
Serve = Callable[[web.Request, Entry], Awaitable[web.StreamResponse]]


class Content:
    """Serves names itself and streams blobs from and to the real registry."""

    def __init__(self, catalog: Catalog, account: AccountSettings, counters: Counters) -> None:
        self._catalog, self._account, self._counters = catalog, account, counters

    async def serve(self, request: web.Request, entry: Entry) -> web.StreamResponse:
        """The answer to a request below a repository's path."""
        reads: dict[str, Serve] = {
            "manifests": self._get_manifest,
            "tags": self._list_tags,
            "blobs": self._stream,
        }
        if request.method in READS and entry.kind in reads:
            return await reads[entry.kind](request, entry)
        if entry.kind == "manifests" and request.method == "PUT":
            return await self._put_manifest(request, entry)
        if entry.kind == "blobs" and request.method in ("POST", "PATCH", "PUT"):
            return await self._stream(request, entry)
        if entry.kind == "referrers":
            return refused(404, "NOT_FOUND", "no referrers here")
        return refused(405, "UNSUPPORTED", f"{request.method} is not supported by ECR")

    async def _get_manifest(self, request: web.Request, entry: Entry) -> web.StreamResponse:
        image = self._catalog.find(entry.repository, entry.rest)
        if image is None:
            return refused(404, "MANIFEST_UNKNOWN", "Requested image not found")
        headers = {
            "Content-Type": image.image_manifest_media_type or "",
            "Docker-Content-Digest": image.image_digest,
            "ETag": f'"{image.image_digest}"',
        }
        return web.Response(body=image.image_manifest.encode(), headers=headers)

    async def _list_tags(self, request: web.Request, entry: Entry) -> web.StreamResponse:
        tags = sorted(tag for image in entry.repository.images for tag in image.image_tags)
        last = request.query.get("last", "")
        tags = [tag for tag in tags if tag > last]
        count = int(request.query.get("n", len(tags) or 1))
        headers = {}
        if len(tags) > count:
            query = urlencode({"n": count, "last": tags[count - 1]})
            headers["Link"] = f'</v2/{entry.name}/tags/list?{query}>; rel="next"'
        return web.json_response({"name": entry.name, "tags": tags[:count]}, headers=headers)

    async def _put_manifest(self, request: web.Request, entry: Entry) -> web.StreamResponse:
        kind = request.headers.get("Content-Type", "")
        try:
            image = await self._catalog.put(
                entry.repository, entry.rest, await request.read(), kind
            )
        except AwsError as error:
            return refused(400, CODES.get(error.code, "MANIFEST_INVALID"), error.message)
        headers = {
            "Docker-Content-Digest": image.image_digest,
            "Location": f"/v2/{entry.name}/manifests/{image.image_digest}",
        }
        return web.Response(status=201, headers=headers)

    async def _stream(self, request: web.Request, entry: Entry) -> web.StreamResponse:
        """Passes a blob request on without ever holding a blob in memory."""
        prefix = f"/v2/{storage_name(entry.repository)}/"
        query = self._query(request, entry)
        headers = {key: request.headers[key] for key in PASSED_ON if key in request.headers}
        data = self._counted(request) if request.can_read_body else None
        url = f"http://store{prefix}blobs/{entry.rest}"
        async with self._catalog.store.session.request(
            request.method,
            url + (f"?{urlencode(query)}" if query else ""),
            data=data,
            headers=headers,
            allow_redirects=False,
        ) as upstream:
            kept = {k: v for k, v in upstream.headers.items() if k.lower() not in DROPPED}
            if "Location" in upstream.headers:
                location = upstream.headers["Location"]
                kept["Location"] = location.replace(prefix, f"/v2/{entry.name}/", 1)
            if "mount" in query and upstream.status == 201:
                self._counters.add("blob_mounts")
            response = web.StreamResponse(status=upstream.status, headers=kept)
            await response.prepare(request)
            if request.method != "HEAD":
                async for chunk in upstream.content.iter_chunked(CHUNK):
                    await response.write(chunk)
            await response.write_eof()
            return response

    async def _counted(self, request: web.Request) -> AsyncIterator[bytes]:
        async for chunk in request.content.iter_chunked(CHUNK):
            self._counters.add("layer_bytes", len(chunk))
            yield chunk

    def _query(self, request: web.Request, entry: Entry) -> dict[str, str]:
        """The query for the store: mounts only where the account allows them, in its own names."""
        query = dict(request.query)
        source, mount = query.pop("from", None), query.pop("mount", None)
        if not (entry.mounts and source and mount):
            return query
        account, region = entry.repository.account_id, entry.repository.region_name
        origin = self._catalog.repository(account, region, source)
        if origin and self._account.blob_mounting(account, region):
            query |= {"mount": mount, "from": storage_name(origin)}
        return query
