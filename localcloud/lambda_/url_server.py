"""Function URLs as real HTTP: each has an address of loopback of its own, at the API's port."""

import asyncio
import hashlib
import json
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from aiohttp import web

from localcloud.aws_error import AwsError
from localcloud.lambda_.invocations import Invocations
from localcloud.lambda_.invoke import chosen
from localcloud.lambda_.permissions import public
from localcloud.lambda_.records import Function, UrlConfig
from localcloud.lambda_.url_event import (
    HttpAnswer,
    HttpRequest,
    answer_of,
    bad_gateway,
    event_of,
    plain,
)
from localcloud.problem import CloudError
from localcloud.registry.loop import LoopThread

MOST_BYTES = 6 << 20
FRAMING = ("content-length", "transfer-encoding", "connection")
Owner = Callable[[str], tuple[Function, UrlConfig] | None]
"""A URL's id to its function and configuration."""


class UrlServer:
    """Listens at the addresses of all function URLs."""

    def __init__(self, loop: LoopThread, invocations: Invocations, owner: Owner) -> None:
        self._loop, self._invocations, self._owner = loop, invocations, owner
        self._port = 0
        self._runner: web.AppRunner
        self._sites: dict[str, web.TCPSite] = {}
        self._ids: dict[str, str] = {}
        self._work = ThreadPoolExecutor(32, "lambda-url")

    def start(self, port: int) -> None:
        """Gets ready; nothing listens before the first open()."""
        self._port = port
        self._loop.call(self._setup())

    def open(self, url_id: str) -> str:
        """Listens for a URL; gives it. Raises CloudError."""
        address = address_of(url_id)
        if url_id not in self._sites:
            self._loop.call(self._listen(url_id, address))
        return f"http://{address}:{self._port}/"

    def close(self, url_id: str) -> None:
        """Listens for a URL no more."""
        site = self._sites.pop(url_id, None)
        if site is not None:
            self._loop.call(site.stop())

    async def _setup(self) -> None:
        app = web.Application(client_max_size=MOST_BYTES)
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()

    async def _listen(self, url_id: str, address: str) -> None:
        site = web.TCPSite(self._runner, address, self._port)
        try:
            await site.start()
        except OSError as error:
            raise CloudError(
                f"a function URL needs {address}:{self._port}, which can't be listened at: {error}"
            ) from error
        self._sites[url_id], self._ids[address] = site, url_id

    async def _answer(self, request: web.Request) -> web.Response:
        here = request.transport.get_extra_info("sockname")[0] if request.transport else ""
        found = self._owner(self._ids.get(here, ""))
        if found is None:
            return written(plain(404, "Not Found"))
        path, _, query = request.raw_path.partition("?")
        asked = HttpRequest(
            method=request.method,
            path=path,
            query=query,
            headers=list(request.headers.items()),
            body=await request.read(),
            address=request.remote or "",
            host=request.host,
        )
        loop = asyncio.get_running_loop()
        return written(await loop.run_in_executor(self._work, self._ask, *found, asked))

    def _ask(self, function: Function, config: UrlConfig, asked: HttpRequest) -> HttpAnswer:
        if not self._allowed(function, config, asked):
            return plain(403, "Forbidden")
        event = event_of(asked, config.id, str(uuid.uuid4()))
        arn = f"{function.arn}:{config.qualifier}" if config.qualifier else function.arn
        try:
            version = chosen(function, config.qualifier)
            result = self._invocations.invoke(function, version, arn, json.dumps(event).encode())
        except AwsError as error:
            return plain(429, error.message) if error.status == 429 else bad_gateway()
        return bad_gateway() if result.error else answer_of(result.payload)

    def _allowed(self, function: Function, config: UrlConfig, asked: HttpRequest) -> bool:
        if config.auth == "NONE":
            return public(function, config.qualifier, "NONE")
        # Signatures are not checked anywhere in this cloud; that there is one, is.
        return any(
            name.lower() == "authorization" and value.startswith("AWS4-HMAC-SHA256")
            for name, value in asked.headers
        )


def written(answer: HttpAnswer) -> web.Response:
    """An answer in aiohttp's form."""
    response = web.Response(status=answer.status, body=answer.body)
    for name, value in answer.headers.items():
        if name.lower() not in FRAMING:
            response.headers[name] = value
    for cookie in answer.cookies:
        response.headers.add("Set-Cookie", cookie)
    return response


def url_id_of(arn: str, qualifier: str | None) -> str:
    """The id of a function's URL: the same in every cloud."""
    return hashlib.sha256(f"{arn}:{qualifier or ''}".encode()).hexdigest()[:32]


def address_of(url_id: str) -> str:
    """An address of loopback for a URL's id, away from those with a meaning of their own."""
    one, two, three = bytes.fromhex(url_id)[:3]
    return f"127.{64 + one % 64}.{two}.{three % 254 + 1}"
