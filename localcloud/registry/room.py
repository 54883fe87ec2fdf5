"""The registry's parts, put together and taken apart in order."""

from pathlib import Path

from aiohttp import web
from moto.ecr.models import Repository

from localcloud.counters import Counters
from localcloud.gateway import Handler
from localcloud.limits import Limits
from localcloud.place import Place
from localcloud.problem import CloudError
from localcloud.processes import occupied
from localcloud.registry.account import AccountSettings
from localcloud.registry.api import EcrApi
from localcloud.registry.base import BaseImage
from localcloud.registry.catalog import Catalog
from localcloud.registry.daemon import RegistryDaemon
from localcloud.registry.front import Front
from localcloud.registry.loop import LoopThread
from localcloud.registry.parts import Parts
from localcloud.registry.store import Store
from localcloud.registry.tokens import Tokens


class RegistryRoom:
    """Daemon, front and API handlers of one cloud's registry; `port` is known after start."""

    def __init__(
        self, place: Place, images: Path, loop: LoopThread, counters: Counters, limits: Limits
    ) -> None:
        self._place, self._loop = place, loop
        self._counters, self._limits = counters, limits
        self._daemon = RegistryDaemon(place)
        self._catalog = Catalog(Store(self._daemon.socket))
        self._tokens, self._account = Tokens(), AccountSettings()
        self._base = BaseImage(place, images / "base.tar", self._catalog)
        self.port = 0

    def start(self, port: int, account: str, region: str) -> None:
        """Starts daemon and front on the port (0: a free one) and provides the base image."""
        self._daemon.start()
        self.port = self._loop.call(self._open(port))
        name_repositories(f"127.0.0.1:{self.port}")
        self._loop.call(self._base.upload())
        self._loop.call(self._base.provide(account, region))

    def handlers(self) -> dict[tuple[str, str], Handler]:
        """ECR's API calls for the gateway."""
        parts = Parts(
            self._catalog,
            self._tokens,
            self._account,
            self._base,
            self._daemon,
            self._loop,
            self._counters,
            self._limits,
            f"http://127.0.0.1:{self.port}",
        )
        return EcrApi(parts).handlers()

    def stop(self) -> None:
        """Stops the daemon; the front ends with the loop."""
        self._loop.call(self._catalog.store.close())
        self._daemon.stop()

    async def _open(self, port: int) -> int:
        front = Front(self._catalog, self._tokens, self._account, self._counters)
        runner = web.AppRunner(front.application(), access_log=None, auto_decompress=False)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", port).start()
        except OSError as error:
            raise occupied(port, "SLIPWAY_REGISTRY_PORT") from error
        path = self._place.shared_sockets / "registry.sock"
        path.unlink(missing_ok=True)
        await web.UnixSite(runner, str(path)).start()
        addresses = [a for a in runner.addresses if isinstance(a, tuple)]
        if not addresses:
            raise CloudError("the registry front has no TCP address")
        return int(addresses[0][1])


def name_repositories(host: str) -> None:
    """Makes moto's repositories say that they are at `host`, where they really are."""
    original = Repository.__init__

    def named(self: Repository, *args: object, **kwargs: object) -> None:
        original(self, *args, **kwargs)  # type: ignore[arg-type]
        self.uri = f"{host}/{self.name}"

    Repository.__init__ = named  # type: ignore[method-assign]
