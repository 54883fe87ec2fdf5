"""The registry's parts, put together and taken apart in order."""

from pathlib import Path

from aiohttp import web
from moto.ecr.models import Repository

from localcloud.accounts import DEFAULT
from localcloud.counters import Counters
from localcloud.gateway import Handler
from localcloud.limits import Limits
from localcloud.place import Place
from localcloud.registry.account import AccountSettings
from localcloud.registry.api import EcrApi
from localcloud.registry.base import BaseImage
from localcloud.registry.catalog import Catalog
from localcloud.registry.content import Content
from localcloud.registry.daemon import RegistryDaemon
from localcloud.registry.front import Front
from localcloud.registry.gate import PrivateGate
from localcloud.registry.hosts import Hosts
from localcloud.registry.loop import LoopThread
from localcloud.registry.parts import Parts
from localcloud.registry.public import PublicRepositories
from localcloud.registry.public_api import EcrPublicApi
from localcloud.registry.public_gate import PublicGate
from localcloud.registry.store import Store
from localcloud.registry.tokens import Tokens


class RegistryRoom:
    """Daemon, front and API handlers of one cloud's registries; `port` is known after start."""

    def __init__(
        self, place: Place, images: Path, loop: LoopThread, counters: Counters, limits: Limits
    ) -> None:
        self._place, self._loop = place, loop
        self._counters, self._limits = counters, limits
        self._daemon = RegistryDaemon(place)
        self._catalog = Catalog(Store(self._daemon.socket))
        self._hosts = Hosts()
        self._public = PublicRepositories(self._hosts)
        self._tokens, self._public_tokens = Tokens(), Tokens()
        self._account = AccountSettings()
        self._base = BaseImage(place, images / "base.tar", self._catalog)

    @property
    def port(self) -> int:
        """The port of all registries."""
        return self._hosts.port

    def health(self) -> str:
        """One line: where the registries are."""
        hosts = self._hosts
        return f"ready on {hosts.host(DEFAULT)}, ECR Public on {hosts.public}"

    def start(self, port: int, account: str, region: str) -> None:
        """Starts daemon and front on the port (0: a free one) and provides the base image."""
        self._daemon.start()
        self._loop.call(self._open(port))
        name_repositories(self._hosts)
        self._loop.call(self._base.upload())
        self._loop.call(self._base.provide(account, region))

    def meet(self, account: str) -> None:
        """Opens the registry of an account that has not called before."""
        if not self._hosts.knows(account):
            self._loop.call(self._hosts.open(account))

    def handlers(self) -> dict[tuple[str, str], Handler]:
        """The API calls of ECR and ECR Public for the gateway."""
        parts = Parts(
            self._catalog,
            self._tokens,
            self._account,
            self._base,
            self._daemon,
            self._loop,
            self._counters,
            self._limits,
            self._hosts,
        )
        public = EcrPublicApi(parts, self._public, self._public_tokens)
        return {**EcrApi(parts).handlers(), **public.handlers()}

    def stop(self) -> None:
        """Stops the daemon; the front ends with the loop."""
        self._loop.call(self._catalog.store.close())
        self._daemon.stop()

    async def _open(self, port: int) -> None:
        front = Front(
            self._hosts,
            PrivateGate(self._catalog, self._tokens),
            PublicGate(self._public, self._public_tokens),
            Content(self._catalog, self._account, self._counters),
            self._counters,
        )
        runner = web.AppRunner(front.application(), access_log=None, auto_decompress=False)
        await runner.setup()
        await self._hosts.start(runner, port)
        path = self._place.shared_sockets / "registry.sock"
        path.unlink(missing_ok=True)
        await web.UnixSite(runner, str(path)).start()


def name_repositories(hosts: Hosts) -> None:
    """Makes moto's repositories say where they really are: at their account's host."""
    original = Repository.__init__

    def named(self: Repository, *args: object, **kwargs: object) -> None:
        original(self, *args, **kwargs)  # type: ignore[arg-type]
        self.uri = f"{hosts.host(self.account_id)}/{self.name}"

    Repository.__init__ = named  # type: ignore[method-assign]
