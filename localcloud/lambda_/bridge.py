"""The ways out of a sandbox: the runtime API and AWS's API, at the gateway of its network."""

import threading
from collections.abc import Iterable
from typing import Any

from cheroot import wsgi

from localcloud.containers.engine import Containers
from localcloud.gateway import StartResponse, WsgiApp
from localcloud.lambda_.runtime import Guests, RuntimeApi
from localcloud.problem import CloudError

THREADS = 16


class Bridge:
    """Listens on one address that only the containers of this machine reach, and checks who asks.

    A function may call AWS while it is being invoked: the threads for it are others than those
    that wait for its answer.
    """

    def __init__(self, containers: Containers, guests: Guests) -> None:
        self._containers, self._guests = containers, guests
        self._address = ""
        self._runtime: RuntimeApi
        self._aws: wsgi.Server

    def runtime_api(self) -> str:
        """AWS_LAMBDA_RUNTIME_API: host and port."""
        return f"{self._address}:{self._runtime.server_address[1]}"

    def endpoint(self) -> str:
        """AWS_ENDPOINT_URL for a sandbox."""
        return f"http://{self._address}:{self._aws.bind_addr[1]}"

    def start(self, door: WsgiApp) -> None:
        """Opens both; the network of the containers has been made before. Raises CloudError."""
        found = self._containers.api.inspect_network(self._containers.network)
        gateway = str(found["IPAM"]["Config"][0].get("Gateway", ""))
        self._aws = wsgi.Server((gateway, 0), GuestsOnly(door, self._guests), THREADS)
        try:
            self._runtime = RuntimeApi(gateway, self._guests)
            self._aws.prepare()
        except OSError as error:
            raise CloudError(
                f"the gateway {gateway} of the Docker network {self._containers.network} is "
                f"not on this machine ({error}); Lambda needs a Docker engine that runs here"
            ) from error
        self._address = gateway
        for serve in (self._runtime.serve_forever, self._aws.serve):
            threading.Thread(target=serve, daemon=True, name="lambda-bridge").start()

    def stop(self) -> None:
        """Closes both."""
        if self._address:
            self._runtime.shutdown()
            self._aws.stop()


class GuestsOnly:
    """Lets nobody but sandboxes through."""

    def __init__(self, door: WsgiApp, guests: Guests) -> None:
        self._door, self._guests = door, guests

    def __call__(self, environ: dict[str, Any], start: StartResponse) -> Iterable[bytes]:
        if self._guests.at(str(environ.get("REMOTE_ADDR", ""))) is None:
            start("403 Forbidden", [("Content-Length", "0")])
            return [b""]
        return self._door(environ, start)
