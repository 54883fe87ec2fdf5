"""Whether a container can have the ports that it publishes, before anything is stopped for it."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterable

from clients import ClientError
from clients.docker_container import Address, Container


class PortTakenError(ClientError):
    """Somebody else has a port that the service publishes."""


def refuse_taken(
    asked: Container, running: Iterable[Container], before: Iterable[Container], host: str
) -> None:
    """Raise PortTakenError where another than those `before` holds a port of `asked`.

    Programs beside the engine are only seen where it is on this machine (unix://); on another one
    the start itself fails, and what ran before is put back.
    """
    places = {each.id for each in before} | {asked.id}
    held = [address for each in before for address in each.addresses]
    others = [each for each in running if each.id not in places]
    for address in asked.addresses:
        for other in others:
            if any(address.meets(each) for each in other.addresses):
                raise PortTakenError(_told(address, f"the container {other.name}"))
        free = any(address.meets(each) for each in held) or not host.startswith("unix:")
        if not free and not _can_bind(address):
            raise PortTakenError(_told(address, "another program of this machine"))


def _told(address: Address, who: str) -> str:
    return f"the port {address} is taken by {who}; end that, or choose another `publish`"


def _can_bind(address: Address) -> bool:
    with socket.socket() as probe:
        # As the engine does: a connection that has just ended is no reason to refuse.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address.ip, address.port))
        except OSError as error:
            return error.errno != errno.EADDRINUSE
    return True
