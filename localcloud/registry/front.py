"""What docker push and docker pull talk to: ECR's rules in front of the real registry."""

import re
from collections.abc import Awaitable, Callable
from urllib.parse import urlencode

from aiohttp import web
from moto.ecr.models import Repository

from localcloud.aws_error import AwsError
from localcloud.counters import Counters
from localcloud.registry.account import AccountSettings
from localcloud.registry.catalog import Catalog, storage_name
from localcloud.registry.store import CHUNK
from localcloud.registry.tokens import Login, Tokens

PATH = re.compile(r"^/v2/(?P<name>.+?)/(?P<kind>manifests|blobs|tags|referrers)/(?P<rest>.+)$")
MANIFEST_LIMIT = 4 << 20
CODES = {
    "ImageTagAlreadyExistsException": "TAG_INVALID",
    "ImageDigestDoesNotMatchException": "DIGEST_INVALID",
    "LayersNotFoundException": "MANIFEST_BLOB_UNKNOWN",
}
DROPPED = {"transfer-encoding", "connection", "location", "keep-alive"}
PASSED_ON = ("Content-Type", "Content-Length", "Content-Range", "Range", "Accept", "If-None-Match")


class Front:
    """The registry's HTTP interface; every request needs a token of GetAuthorizationToken."""

    def __init__(
        self, catalog: Catalog, tokens: Tokens, account: AccountSettings, counters: Counters
    ) -> None:
        self._catalog = catalog
        self._tokens = tokens
        self._account = account
        self._counters = counters

    def application(self) -> web.Application:
        """The aiohttp application of it."""
        app = web.Application(client_max_size=MANIFEST_LIMIT)
        app.router.add_route("*", "/{path:.*}", self.answer)
        return app

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Checks login and repository, then serves names itself and streams blobs."""
        login = self._tokens.login(request.headers.get("Authorization"))
        if login is None:
            return unauthorized(request)
        if request.path in ("/v2/", "/v2"):
            return web.json_response({})
        if request.path == "/v2/_catalog":
            return web.json_response({"repositories": self._names(login)})
        found = PATH.match(request.path)
        if not found:
            return refused(404, "NAME_UNKNOWN", f"{request.path} is no path of a repository")
        name, kind, rest = found["name"], found["kind"], found["rest"]
        repository = self._catalog.repository(login.account, login.region, name)
        if repository is None:
            return refused(404, "NAME_UNKNOWN", unknown(name, login))
        response = await self._serve(request, repository, kind, rest)
        self._count(request.method, response.status)
        return response

    async def _serve(
        self, request: web.Request, repository: Repository, kind: str, rest: str
    ) -> web.StreamResponse:
        Serve = Callable[[web.Request, Repository, str], Awaitable[web.StreamResponse]]  # noqa: N806
        reads: dict[str, Serve] = {
            "manifests": self._get_manifest,
            "tags": self._list_tags,
            "blobs": self._stream,
        }
        if request.method in ("GET", "HEAD") and kind in reads:
            return await reads[kind](request, repository, rest)
        if kind == "manifests" and request.method == "PUT":
            return await self._put_manifest(request, repository, rest)
        if kind == "blobs" and request.method in ("POST", "PATCH", "PUT"):
            return await self._stream(request, repository, rest)
        if kind == "referrers":
            return refused(404, "NOT_FOUND", "no referrers here")
        return refused(405, "UNSUPPORTED", f"{request.method} is not supported by ECR")

    async def _get_manifest(
        self, request: web.Request, repository: Repository, reference: str
    ) -> web.StreamResponse:
        image = self._catalog.find(repository, reference)
        if image is None:
            return refused(404, "MANIFEST_UNKNOWN", "Requested image not found")
        headers = {
            "Content-Type": image.image_manifest_media_type or "",
            "Docker-Content-Digest": image.image_digest,
            "ETag": f'"{image.image_digest}"',
        }
        return web.Response(body=image.image_manifest.encode(), headers=headers)

    async def _list_tags(
        self, request: web.Request, repository: Repository, rest: str
    ) -> web.StreamResponse:
        tags = sorted(tag for image in repository.images for tag in image.image_tags)
        last = request.query.get("last", "")
        tags = [tag for tag in tags if tag > last]
        count = int(request.query.get("n", len(tags) or 1))
        headers = {}
        if len(tags) > count:
            query = urlencode({"n": count, "last": tags[count - 1]})
            headers["Link"] = f'</v2/{repository.name}/tags/list?{query}>; rel="next"'
        return web.json_response({"name": repository.name, "tags": tags[:count]}, headers=headers)

    async def _put_manifest(
        self, request: web.Request, repository: Repository, reference: str
    ) -> web.StreamResponse:
        try:
            image = await self._catalog.put(
                repository, reference, await request.read(), request.headers["Content-Type"]
            )
        except AwsError as error:
            return refused(400, CODES.get(error.code, "MANIFEST_INVALID"), error.message)
        headers = {
            "Docker-Content-Digest": image.image_digest,
            "Location": f"/v2/{repository.name}/manifests/{image.image_digest}",
        }
        return web.Response(status=201, headers=headers)

    async def _stream(
        self, request: web.Request, repository: Repository, rest: str
    ) -> web.StreamResponse:
        """Passes a blob request on without ever holding a blob in memory."""
        prefix = f"/v2/{storage_name(repository)}/"
        query = self._query(request, repository)
        headers = {key: request.headers[key] for key in PASSED_ON if key in request.headers}
        data = request.content.iter_chunked(CHUNK) if request.can_read_body else None
        url = f"http://store{prefix}blobs/{rest}" + (f"?{query}" if query else "")
        async with self._catalog.store.session.request(
            request.method, url, data=data, headers=headers, allow_redirects=False
        ) as upstream:
            kept = {k: v for k, v in upstream.headers.items() if k.lower() not in DROPPED}
            if "Location" in upstream.headers:
                location = upstream.headers["Location"]
                kept["Location"] = location.replace(prefix, f"/v2/{repository.name}/", 1)
            response = web.StreamResponse(status=upstream.status, headers=kept)
            await response.prepare(request)
            if request.method != "HEAD":
                async for chunk in upstream.content.iter_chunked(CHUNK):
                    await response.write(chunk)
            await response.write_eof()
            return response

    def _query(self, request: web.Request, repository: Repository) -> str:
        """The query for the store: mounts only where the account allows them, in its own names."""
        query = dict(request.query)
        source = query.pop("from", None)
        mount = query.pop("mount", None)
        account, region = repository.account_id, repository.region_name
        origin = self._catalog.repository(account, region, source) if source else None
        if mount and origin and self._account.blob_mounting(account, region):
            query |= {"mount": mount, "from": storage_name(origin)}
        return urlencode(query)

    def _names(self, login: Login) -> list[str]:
        return self._catalog.names(login.account, login.region)

    def _count(self, method: str, status: int) -> None:
        if status < 400:
            reads = method in ("GET", "HEAD")
            self._counters.add("registry_reads" if reads else "registry_writes")


def unknown(name: str, login: Login) -> str:
    """ECR's sentence for a repository that nobody created."""
    return (
        f"The repository with name '{name}' does not exist in the registry with id "
        f"'{login.account}'"
    )


def refused(status: int, code: str, message: str) -> web.Response:
    """An error in the registry protocol's form."""
    return web.json_response({"errors": [{"code": code, "message": message}]}, status=status)


def unauthorized(request: web.Request) -> web.Response:
    """The answer that makes docker ask its credential store for a login."""
    response = refused(401, "UNAUTHORIZED", "no basic auth credentials, or the token is over")
    realm = f"http://{request.host}/"
    response.headers["WWW-Authenticate"] = f'Basic realm="{realm}",service="ecr.amazonaws.com"'
    return response
