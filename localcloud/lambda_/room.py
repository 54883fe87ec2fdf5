"""Lambda's parts, put together."""

from typing import Any

from localcloud.containers.room import ContainerRoom
from localcloud.counters import Counters
from localcloud.gateway import WsgiApp
from localcloud.lambda_.aliases import Aliases
from localcloud.lambda_.api import LambdaApi
from localcloud.lambda_.bridge import Bridge
from localcloud.lambda_.directory import Directory
from localcloud.lambda_.extras import Extras
from localcloud.lambda_.functions import Functions
from localcloud.lambda_.invocations import Invocations
from localcloud.lambda_.invoke import Invoke
from localcloud.lambda_.launch import Launcher
from localcloud.lambda_.permissions import Permissions
from localcloud.lambda_.pool import Pool
from localcloud.lambda_.runtime import Guests
from localcloud.lambda_.updates import Updates
from localcloud.lambda_.url_server import UrlServer
from localcloud.lambda_.urls import UrlIndex, Urls
from localcloud.lambda_.versions import Versions
from localcloud.limits import Limits
from localcloud.registry.loop import LoopThread


class LambdaRoom:
    """The API in front of moto's, the sandboxes and the function URLs of one cloud."""

    def __init__(
        self,
        containers: ContainerRoom,
        loop: LoopThread,
        counters: Counters,
        limits: Limits,
    ) -> None:
        guests = Guests()
        self._bridge = Bridge(containers.containers, guests)
        self._directory = Directory()
        launcher = Launcher(
            containers.containers, containers.images, containers.sessions, guests,
            self._bridge.runtime_api, self._bridge.endpoint,
        )  # fmt: skip
        self._pool = Pool(launcher.launch)
        self._updates = Updates(containers.images, limits, self._pool.retire)
        self._invocations = Invocations(self._pool, counters)
        self._index = UrlIndex(self._directory)
        self._urls = UrlServer(loop, self._invocations, self._index.owner)

    def api(self, otherwise: WsgiApp) -> LambdaApi:
        """The application that answers calls to Lambda and passes on all others."""
        directory = self._directory
        versions = Versions(directory, self._updates, self._pool.retire)
        parts: list[Any] = [
            Functions(directory, self._updates, versions),
            versions,
            Aliases(directory),
            Permissions(directory),
            Invoke(directory, self._invocations),
            Urls(directory, self._urls, self._index),
            Extras(directory),
        ]
        return LambdaApi([route for part in parts for route in part.routes()], otherwise)

    def start(self, door: WsgiApp, port: int) -> None:
        """Opens the ways from sandboxes to the runtime API and, through `door`, to AWS's API.

        `port` is the API's. Raises CloudError if the containers' network is not on this machine.
        """
        self._bridge.start(door)
        self._urls.start(port)

    def stop(self) -> None:
        """Ends all sandboxes and closes the ways."""
        self._pool.end_all()
        self._bridge.stop()
