"""The foreground server: API, registry, machines and their metadata in one process."""

import contextlib
import json
import logging
import os
import shutil
import signal
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from cheroot import wsgi
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from localcloud import processes
from localcloud.accounts import DEFAULT
from localcloud.bucket_policy import judged_elsewhere
from localcloud.calls.journal import JOURNAL
from localcloud.containers.room import ContainerRoom
from localcloud.counters import Counters
from localcloud.ec2.room import MachineRoom
from localcloud.ecs.room import EcsRoom
from localcloud.gateway import Gateway, Handler, StartResponse, WsgiApp
from localcloud.lambda_.room import LambdaRoom
from localcloud.limits import Limits
from localcloud.place import Place
from localcloud.problem import CloudError
from localcloud.processes import occupied
from localcloud.registry.loop import LoopThread
from localcloud.registry.room import RegistryRoom
from localcloud.ssm.api import RunCommand
from localcloud.ssm.ciphertext import seal_values
from localcloud.ssm.public import for_linux


class CloudServer:
    """All parts of one cloud; start() returns when everything answers."""

    def __init__(self, place: Place, images: Path, region: str) -> None:
        self._place, self._region = place, region
        self._counters, self._limits = Counters(), Limits()
        self._loop = LoopThread()
        self._registry = RegistryRoom(place, images, self._loop, self._counters, self._limits)
        self._machines = MachineRoom(place, self._loop, self._limits)
        self._containers = ContainerRoom(place, self._machines.engine, self._limits)
        self._ecs = EcsRoom(place, self._loop, self._containers, self._counters)
        self._lambda = LambdaRoom(self._containers, self._loop, self._counters, self._limits)
        self._images = images
        self._servers: list[wsgi.Server] = []

    def start(self, port: int, registry_port: int) -> None:
        """Opens all parts (port 0: a free one) and writes the endpoints file; raises CloudError.

        The API's port is taken first: an occupied one is noticed before anything is started.
        """
        for folder in (self._place.folder, self._place.shared_sockets):
            folder.mkdir(parents=True, exist_ok=True)
        JOURNAL.open(self._place.calls_file)
        door = Door()
        self._servers = [listen(("127.0.0.1", port), door)]
        socket = self._place.shared_sockets / "api.sock"
        socket.unlink(missing_ok=True)
        self._servers.append(listen(str(socket), door))
        moto = self._lambda.api(moto_app())
        for_linux()
        seal_values()
        judged_elsewhere()
        self._registry.start(registry_port, DEFAULT, self._region)
        here = self._servers[0].bind_addr[1]
        self._containers.clear()
        self._machines.start(self._images, here, self._registry.port)
        registry = self._registry.handlers()
        tar, imported = self._images / "machine.tar", self._machines.machines.health
        self._containers.start(tar, imported, registry["ecr", "GetAuthorizationToken"])
        self._ecs.start(here)
        self._lambda.start(door, here)
        knobs = self._machines.knobs
        handlers: dict[tuple[str, str], Handler] = {
            **registry,
            **self._ecs.handlers(),
            **self._machines.handlers(),
            **RunCommand(self._place, self._machines.engine, self._limits, knobs).handlers(),
        }
        meet = self._registry.meet
        gateway = Gateway(
            moto, handlers, self._counters, self._limits, self.health, meet, knobs.turn
        )
        door.open(self._ecs.hook(gateway))
        for server in self._servers:
            threading.Thread(target=server.serve, daemon=True).start()
        self._write_endpoints(here)

    def health(self) -> dict[str, str]:
        """One line per part."""
        return {
            "api": "ready",
            "registry": self._registry.health(),
            "machine image": self._machines.machines.health(),
        }

    def stop(self) -> None:
        """Closes everything that start() opened."""
        self._place.endpoints_file.unlink(missing_ok=True)
        for server in self._servers:
            server.stop()
        self._lambda.stop()
        self._ecs.stop()
        self._containers.stop()
        self._machines.stop()
        self._registry.stop()
        self._loop.stop()
        shutil.rmtree(self._place.sockets, ignore_errors=True)

    def _write_endpoints(self, port: int) -> None:
        ends = {"pid": os.getpid(), "port": port, "registry_port": self._registry.port}
        draft = self._place.endpoints_file.with_suffix(".new")
        draft.write_text(json.dumps(ends))
        draft.rename(self._place.endpoints_file)


class Door:
    """Holds the port while the parts behind it are still starting."""

    def __init__(self) -> None:
        self._app: WsgiApp | None = None

    def open(self, app: WsgiApp) -> None:
        """Lets requests through to app."""
        self._app = app

    def __call__(self, environ: dict[str, Any], start: StartResponse) -> Iterable[bytes]:
        if self._app is None:
            start("503 Service Unavailable", [("Content-Length", "0")])
            return [b""]
        return self._app(environ, start)


def moto_app() -> WsgiApp:
    """moto's server application."""
    app: WsgiApp = DomainDispatcherApplication(create_backend_app)
    return app


def listen(address: str | tuple[str, int], app: WsgiApp) -> wsgi.Server:
    """A threaded HTTP/1.1 server that holds a TCP address or the path of a unix socket."""
    server = wsgi.Server(address, app, numthreads=12, request_queue_size=128)
    server.timeout = 60
    try:
        server.prepare()
    except OSError as error:
        if isinstance(address, str):
            raise
        raise occupied(address[1], "SLIPWAY_CLOUD_PORT") from error
    return server


def serve(place: Place, images: Path, region: str, port: int, registry_port: int) -> None:
    """Runs a cloud until SIGTERM or SIGINT."""
    logging.basicConfig(format="%(asctime)s %(name)s %(levelname)s %(message)s")
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    other = processes.running(place.pid_file("cloud"), f"--state={place.state}")
    if other not in (None, os.getpid()):
        # Ending here like any other would take the machines of that one away.
        raise CloudError(f"a local cloud of {place.state} already runs as pid {other}")
    with contextlib.suppress(OSError):  # where it may: who asks from a container has a deadline
        os.nice(-5)
    server = CloudServer(place, images, region)
    try:
        server.start(port, registry_port)
        ended.wait()
    finally:
        server.stop()
