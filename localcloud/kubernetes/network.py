"""The node's own network namespace, and the cable to it."""

import re
from dataclasses import dataclass
from zlib import crc32

from localcloud.kubernetes.command import quietly, run
from localcloud.problem import CloudError

POD_NETWORK = "10.244.0.0/24"
SERVICE_NETWORK = "10.96.0.0/16"


@dataclass(frozen=True, kw_only=True)
class Cable:
    """Both ends of a /30."""

    here: str
    """This machine's address."""
    node: str
    """The node's address: of its API, its kubelet, its published ports."""


def cable_of(label: str, taken: str = "") -> Cable:
    """Addresses for the node of a cloud, which no interface in `ip addr`'s output has."""
    used = set(re.findall(r"\b10\.98\.(\d+)\.1/30", taken))
    first = crc32(label.encode())
    for step in range(254):
        third = (first + step) % 254 + 1
        if str(third) not in used:
            return Cable(here=f"10.98.{third}.1", node=f"10.98.{third}.2")
    raise CloudError("all networks 10.98.1.0/30 to 10.98.254.0/30 are taken; stop a local cloud")


def lay(namespace: str, link: str, cable: Cable) -> None:
    """Makes the namespace with one interface, eth0, whose default route is this machine."""
    run("ip", "netns", "add", namespace)
    inside = ("ip", "-netns", namespace)
    run("ip", "link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", namespace)
    run("ip", "addr", "add", f"{cable.here}/30", "dev", link)
    run("ip", "link", "set", link, "up")
    run(*inside, "link", "set", "lo", "up")
    run(*inside, "addr", "add", f"{cable.node}/30", "dev", "eth0")
    run(*inside, "link", "set", "eth0", "up")
    run(*inside, "route", "add", "default", "via", cable.here)
    # What kube-proxy and the bridge of pods need; /proc/sys/net belongs to the namespace.
    within = ("nsenter", f"--net=/run/netns/{namespace}")
    for name in ("net.ipv4.ip_forward=1", "net.ipv4.conf.all.route_localnet=1"):
        run(*within, "sysctl", "-qw", name)


def laid(namespace: str) -> bool:
    """Whether the namespace is there."""
    return any(line.split()[0] == namespace for line in run("ip", "netns", "list").splitlines())


def cut(namespace: str, link: str) -> None:
    """Removes both, if they are there."""
    quietly("ip", "link", "del", link)
    quietly("ip", "netns", "del", namespace)
