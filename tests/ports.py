"""Ports of this machine that tests listen on."""

from __future__ import annotations

import random
import socket

FROM, TO = 15_000, 29_999
"""Below what Linux gives to connections (net.ipv4.ip_local_port_range) and Kubernetes to nodes: a
port that is free now is not taken by the next connection."""


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    while True:
        port = random.randint(FROM, TO)  # noqa: S311 -- no secret
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
