"""`python -m localcloud.kubernetes.relay NAMESPACE PORT`: the registry's port inside the namespace.

Every registry of the cloud answers at an address of loopback on one port. Inside the namespace this
listens on that port at all addresses and goes on to the address that the client had named.
"""

import asyncio
import ctypes
import os
import socket
import sys
from contextlib import suppress
from pathlib import Path

_CLONE_NEWNET = 0x40000000
_CHUNK = 1 << 16


def listener_in(namespace: str, port: int) -> socket.socket:
    """A socket keeps the network that it was made in."""
    libc = ctypes.CDLL(None, use_errno=True)
    own = os.open("/proc/self/ns/net", os.O_RDONLY)
    other = os.open(Path("/run/netns") / namespace, os.O_RDONLY)
    try:
        _enter(libc, other)
        return socket.create_server(("0.0.0.0", port), backlog=64)  # noqa: S104 -- of a namespace
    finally:
        _enter(libc, own)
        os.close(own)
        os.close(other)


def _enter(libc: ctypes.CDLL, namespace: int) -> None:
    if libc.setns(namespace, _CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(_CHUNK):
            writer.write(data)
            await writer.drain()
        writer.write_eof()


async def _connect(inner: asyncio.StreamReader, answer: asyncio.StreamWriter) -> None:
    address, port = answer.get_extra_info("sockname")[:2]
    with suppress(OSError):
        outer, request = await asyncio.open_connection(address, port)
        await asyncio.gather(_pump(inner, request), _pump(outer, answer))
        request.close()
    answer.close()


async def serve(namespace: str, port: int) -> None:
    """Until the process is ended."""
    server = await asyncio.start_server(_connect, sock=listener_in(namespace, port))
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], int(sys.argv[2])))
