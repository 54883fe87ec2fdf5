"""A container's properties as the engine's structures."""

from collections.abc import Iterable
from typing import Any

from offline.plugin.naming import present
from offline.plugin.wire import State

from .durations import nanoseconds

MEGABYTE = 1024 * 1024
CONFIG = {
    "command": "Cmd",
    "entrypoints": "Entrypoint",
    "envs": "Env",
    "hostname": "Hostname",
    "stdinOpen": "OpenStdin",
    "stopSignal": "StopSignal",
    "stopTimeout": "StopTimeout",
    "tty": "Tty",
    "user": "User",
    "workingDir": "WorkingDir",
}
HOST = {
    "cpuSet": "CpusetCpus",
    "cpuShares": "CpuShares",
    "dns": "Dns",
    "groupAdds": "GroupAdd",
    "init": "Init",
    "networkMode": "NetworkMode",
    "privileged": "Privileged",
    "readOnly": "ReadonlyRootfs",
    "rm": "AutoRemove",
    "securityOpts": "SecurityOpt",
    "sysctls": "Sysctls",
    "tmpfs": "Tmpfs",
}
SIZES = {"memory": "Memory", "memoryReservation": "MemoryReservation", "shmSize": "ShmSize"}
PERIODS = {
    "interval": "Interval",
    "startInterval": "StartInterval",
    "startPeriod": "StartPeriod",
    "timeout": "Timeout",
}


def config(props: State) -> State:
    """The body of POST /containers/create.

    Raises ValueError for a duration that is none.
    """
    labels = {each["label"]: each["value"] for each in props.get("labels") or []}
    ports = [port_key(each) for each in props.get("ports") or []]
    anonymous = [each["containerPath"] for each in volumes(props) if not _source(each)]
    return {
        **present(**{theirs: props.get(ours) for ours, theirs in CONFIG.items()}),
        "Image": props["image"],
        "Labels": labels,
        "ExposedPorts": {key: {} for key in ports},
        "Volumes": {path: {} for path in anonymous},
        **present(Healthcheck=_healthcheck(props.get("healthcheck"))),
        "HostConfig": _host_config(props),
    }


def port_key(port: State) -> str:
    """The engine's name of a port: 80/tcp."""
    return f"{port['internal']}/{port.get('protocol') or 'tcp'}"


def limits(props: State) -> State:
    """What can be changed on a running container, and the restart policy."""
    swap = props.get("memorySwap")
    return present(
        CpuShares=props.get("cpuShares"),
        CpusetCpus=props.get("cpuSet"),
        **{t: props[o] * MEGABYTE for o, t in SIZES.items() if o != "shmSize" and props.get(o)},
        MemorySwap=swap * MEGABYTE if swap and swap > 0 else swap,
        RestartPolicy=present(
            Name=props.get("restart"), MaximumRetryCount=props.get("maxRetryCount")
        ),
    )


def update_arguments(props: State) -> State:
    """The same, as docker.APIClient.update_container names them."""
    names = {
        "CpuShares": "cpu_shares",
        "CpusetCpus": "cpuset_cpus",
        "Memory": "mem_limit",
        "MemoryReservation": "mem_reservation",
        "MemorySwap": "memswap_limit",
        "RestartPolicy": "restart_policy",
    }
    return {names[name]: value for name, value in limits(props).items()}


def volumes(props: State) -> list[State]:
    """The volumes that have a place of their own, without those of another container."""
    return [each for each in props.get("volumes") or [] if each.get("containerPath")]


def _source(volume: State) -> str:
    return str(volume.get("volumeName") or volume.get("hostPath") or "")


def _host_config(props: State) -> State:
    abilities = props.get("capabilities") or {}
    others = [each.get("fromContainer") for each in props.get("volumes") or []]
    return {
        **present(**{theirs: props.get(ours) for ours, theirs in HOST.items()}),
        **present(ShmSize=props["shmSize"] * MEGABYTE if props.get("shmSize") else None),
        **limits(props),
        "Binds": [_bind(each) for each in volumes(props) if _source(each)],
        "CapAdd": abilities.get("adds") or [],
        "CapDrop": abilities.get("drops") or [],
        "ExtraHosts": [f"{each['host']}:{each['ip']}" for each in props.get("hosts") or []],
        "LogConfig": present(Type=props.get("logDriver"), Config=props.get("logOpts")),
        "Mounts": [_mount(each) for each in props.get("mounts") or []],
        "PortBindings": _bindings(props.get("ports") or []),
        "VolumesFrom": [each for each in others if each],
    }


def _bindings(ports: Iterable[State]) -> dict[str, list[State]]:
    found: dict[str, list[State]] = {}
    for port in ports:
        external = port.get("external")
        address = {"HostIp": port.get("ip") or "", "HostPort": str(external or "")}
        found.setdefault(port_key(port), []).append(address)
    return found


def _bind(volume: State) -> str:
    mode = ":ro" if volume.get("readOnly") else ""
    return f"{_source(volume)}:{volume['containerPath']}{mode}"


def _mount(block: State) -> State:
    tmpfs = block.get("tmpfsOptions")
    return present(
        Target=block["target"],
        Source=block.get("source"),
        Type=block["type"],
        ReadOnly=block.get("readOnly"),
        TmpfsOptions=tmpfs and present(SizeBytes=tmpfs.get("sizeBytes"), Mode=tmpfs.get("mode")),
    )


def _healthcheck(block: State | None) -> dict[str, Any] | None:
    if not block:
        return None
    periods = {
        theirs: nanoseconds(block[ours]) for ours, theirs in PERIODS.items() if block.get(ours)
    }
    return {**present(Test=block.get("tests"), Retries=block.get("retries")), **periods}
