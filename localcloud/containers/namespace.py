"""A network namespace of its own with ways to the cloud, held open by a container that waits.

ECS has the same: a `pause` container per awsvpc task whose namespace all its containers share.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from localcloud.containers.engine import Containers, StartError
from localcloud.containers.wish import ContainerWish

SOCKETS = "/var/lib/local-cloud"
ECS_ADDRESS = "169.254.170.2"
"""Where the containers of a task find their credentials (ECS Developer Guide, "Task IAM role")."""
ECS_PORT = 51679
READY = "ready"

# Streams each way's TCP connections to its unix socket; `ADDRESS:PORT=SOCKET` per argument. It
# is the first process of a container: without a handler it would not hear SIGTERM.
PROXY = f"""
import asyncio, signal, sys

async def pump(reader, writer):
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.write_eof()
    except OSError:
        writer.close()

async def serve(way):
    address, path = way.split("=")
    host, port = address.rsplit(":", 1)
    async def meet(reader, writer):
        try:
            inner = await asyncio.open_unix_connection(path)
            await asyncio.gather(pump(reader, inner[1]), pump(inner[0], writer))
            inner[1].close()
        except OSError:
            pass
        writer.close()
    await asyncio.start_server(meet, host, int(port))

async def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    for way in sys.argv[1:]:
        await serve(way)
    print("{READY}", flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""

# As the ECS agent does it: the address on loopback, its port 80 led to another one, so that the
# task itself may listen on port 80 of all addresses.
ECS_WAY = (
    f"ip address replace {ECS_ADDRESS}/32 dev lo && "
    f"iptables -w -t nat -A OUTPUT -d {ECS_ADDRESS} -p tcp --dport 80 "
    f"-j REDIRECT --to-ports {ECS_PORT} && "
)


@dataclass(frozen=True, kw_only=True)
class Namespace:
    """An open namespace."""

    container: str
    """The id of the container that holds it; others join by `network=`."""
    address: str
    """Its address on the cloud's network, reachable from this machine."""

    @property
    def network(self) -> str:
        """The network of a ContainerWish that joins it."""
        return f"container:{self.container}"


class Namespaces:
    """Opens namespaces; the image of the machines holds what is needed (python3, iptables)."""

    def __init__(self, containers: Containers, image: Callable[[], str]) -> None:
        """`image` gives the engine's name of the image, waiting until it is there."""
        self._containers, self._image = containers, image

    def open(
        self,
        name: str,
        owner: str,
        ways: Mapping[str, Path],
        *,
        ecs: bool = False,
    ) -> Namespace:
        """A namespace in which each address:port of `ways` leads to a unix socket of this machine.

        With `ecs`, port 80 of 169.254.170.2 leads to port 51679 of loopback. Raises StartError.
        """
        folders = {path.parent: f"{SOCKETS}/{n}" for n, path in enumerate(ways.values())}
        argv = [f"{at}={folders[path.parent]}/{path.name}" for at, path in ways.items()]
        script = (ECS_WAY if ecs else "") + 'exec python3 -I -S -c "$0" "$@"'
        wish = ContainerWish(
            name=name,
            image=self._image(),
            owner=owner,
            entrypoint=["/bin/sh", "-c", script, PROXY],
            command=argv,
            binds={str(folder): at for folder, at in folders.items()},
            capabilities=("NET_ADMIN",) if ecs else (),
            stop_signal="SIGTERM",
            hostname=name[:63],
        )
        container = self._containers.run(wish)
        self._await_ready(container)
        return Namespace(container=container, address=self._containers.state(container).address)

    def close(self, namespace: Namespace) -> None:
        """Ends a namespace; what is in it has ended before."""
        self._containers.remove(namespace.container)

    def _await_ready(self, container: str) -> None:
        text = b""
        for chunk in self._containers.output(container):
            text += chunk
            if READY.encode() in text:
                return
        self._containers.remove(container)
        raise StartError(f"no network for a task: {text.decode(errors='replace')[-500:]}")
