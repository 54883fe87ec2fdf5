"""A container as the engine tells it."""

from typing import Any

from offline.plugin.naming import picked
from offline.plugin.wire import State

from .container_config import CONFIG, HOST, MEGABYTE, PERIODS, SIZES
from .durations import written

_NETWORK = {
    "gateway": "Gateway",
    "globalIpv6Address": "GlobalIPv6Address",
    "globalIpv6PrefixLength": "GlobalIPv6PrefixLen",
    "ipAddress": "IPAddress",
    "ipPrefixLength": "IPPrefixLen",
    "ipv6Gateway": "IPv6Gateway",
    "macAddress": "MacAddress",
}
# Like the official plugin: an image's own variables would look like drift.
_UNTOLD = frozenset({"envs"})


def state_of(told: State, prior: State) -> State:
    """The properties and outputs; a stopped container that must run shows as one that need not."""
    config, host, running = told["Config"], told["HostConfig"], told["State"]["Running"]
    given = {ours: config.get(theirs) for ours, theirs in CONFIG.items() if ours not in _UNTOLD}
    swap = host.get("MemorySwap") or 0
    stopped = prior.get("mustRun", True) and not running
    return {
        **given,
        **{ours: host.get(theirs) for ours, theirs in HOST.items()},
        **{ours: (host.get(theirs) or 0) // MEGABYTE for ours, theirs in SIZES.items()},
        "bridge": told["NetworkSettings"].get("Bridge") or "",
        "capabilities": {"adds": host.get("CapAdd") or [], "drops": host.get("CapDrop") or []},
        "containerLogs": "",
        "exitCode": told["State"].get("ExitCode", 0),
        "healthcheck": _healthcheck(config.get("Healthcheck")),
        "image": _image(told, prior),
        "logDriver": host["LogConfig"]["Type"],
        "logOpts": host["LogConfig"].get("Config") or {},
        "maxRetryCount": host["RestartPolicy"].get("MaximumRetryCount") or 0,
        "memorySwap": swap // MEGABYTE if swap > 0 else swap,
        "mustRun": False if stopped else prior.get("mustRun", True),
        "name": told["Name"].removeprefix("/"),
        "networkDatas": _networks(told["NetworkSettings"].get("Networks") or {}),
        "ports": _ports(told),
        "restart": host["RestartPolicy"].get("Name") or "no",
    }


def _image(told: State, prior: State) -> str:
    """Its id, or the name that the program gave while that is what the container was made of."""
    named = prior.get("image")
    return str(named if named == told["Config"]["Image"] else told["Image"])


def _healthcheck(told: State | None) -> State | None:
    if not told:
        return None
    periods = {ours: written(told.get(theirs) or 0) for ours, theirs in PERIODS.items()}
    return {"tests": told.get("Test") or [], "retries": told.get("Retries") or 0, **periods}


def _networks(told: dict[str, Any]) -> list[State]:
    return [{"networkName": name, **picked(_NETWORK, each)} for name, each in sorted(told.items())]


def _ports(told: State) -> list[State]:
    """As asked for, with the port that the engine chose where none was.

    Of a container that was never started none, as with the official plugin: it asks for what is
    bound.
    """
    if told["State"].get("Status") == "created":
        return []
    bound = told["NetworkSettings"].get("Ports") or {}
    found = []
    for key, asked in sorted((told["HostConfig"].get("PortBindings") or {}).items()):
        internal, _, protocol = key.partition("/")
        for index, each in enumerate(asked or []):
            chosen = (bound.get(key) or [{}] * (index + 1))[index].get("HostPort")
            external = each.get("HostPort") or chosen or 0
            port = {"internal": int(internal), "external": int(external), "protocol": protocol}
            found.append({**port, "ip": each.get("HostIp") or "0.0.0.0"})  # noqa: S104
    return found
