"""Containers: made, started, waited for, changed or replaced, removed."""

from docker.errors import DockerException, NotFound

from offline.plugin.table import Property, ResourceType
from offline.plugin.waiting import WaitError, wait_until
from offline.plugin.wire import State

from .call import Call
from .container_config import CONFIG, HOST, PERIODS, config, update_arguments
from .container_health import await_healthy, await_running
from .container_reading import state_of
from .durations import nanoseconds, same_duration

_LIMITS = frozenset(
    {
        *("cpuSet", "cpuShares", "maxRetryCount", "memory", "memoryReservation", "memorySwap"),
        "restart",
    }
)
_REQUIRED = Property(required=True)
_COMPUTED = Property(computed=True)
_FIXED = Property(replaces=True)
_FOUND = Property(computed=True, replaces=True)


def _create(call: Call) -> str:
    """Made, connected and started. If one of these fails, nothing is left that holds the name."""
    props = call.props
    made = call.api.create_container_from_config(
        config(props), name=props["name"], platform=props.get("platform")
    )
    resource_id = str(made["Id"])
    try:
        _connect(call, resource_id)
        if props.get("start", True):
            call.api.start(resource_id)
            await_running(call, resource_id)
    except (DockerException, WaitError):
        call.api.remove_container(resource_id, v=True, force=True)
        raise
    return resource_id


def _connect(call: Call, resource_id: str) -> None:
    """With networks of its own a container leaves the default one, as with the official plugin."""
    networks = call.props.get("networksAdvanced") or []
    if networks:
        call.api.disconnect_container_from_network(resource_id, "bridge")
    for network in networks:
        call.api.connect_container_to_network(
            resource_id,
            network["name"],
            aliases=network.get("aliases"),
            ipv4_address=network.get("ipv4Address"),
        )


def _complete(call: Call) -> None:
    if call.props.get("wait"):
        await_healthy(call)


def _read(call: Call) -> State:
    return state_of(call.api.inspect_container(call.id), call.props)


def _update(call: Call, changed: frozenset[str]) -> None:
    """Limits change in place; a container that must run and does not is started."""
    if changed & _LIMITS:
        call.api.update_container(call.id, **update_arguments(call.props))
    told = call.api.inspect_container(call.id)
    if call.props.get("mustRun", True) and not told["State"]["Running"]:
        call.api.start(call.id)
        await_running(call, call.id)
    _complete(call)


def _delete(call: Call) -> None:
    grace = call.props.get("destroyGraceSeconds")
    if grace:
        call.api.stop(call.id, timeout=int(grace))
    anonymous = bool(call.props.get("removeVolumes", True))
    call.api.remove_container(call.id, v=anonymous, force=True)
    wait_until(lambda: _is_gone(call), f"container {call.id[:12]} removed", 60.0, call.cancelled)


def _is_gone(call: Call) -> bool:
    try:
        call.api.inspect_container(call.id)
    except NotFound:
        return True
    return False


def _refuse(inputs: State) -> list[tuple[str, str]]:
    block = inputs.get("healthcheck")
    block = block if isinstance(block, dict) else {}
    found = []
    for name in PERIODS:
        try:
            nanoseconds(block[name] if isinstance(block.get(name), str) else "0")
        except ValueError as error:
            found.append((f"healthcheck.{name}", f"healthcheck.{name}: {error}"))
    return found


def _block_set(required: str, optional: str) -> Property:
    fields = {name: _REQUIRED for name in required.split()}
    fields |= {name: _COMPUTED for name in optional.split()}
    return Property("blockset", replaces=True, fields=fields)


_HEALTHCHECK = Property(
    "block",
    computed=True,
    replaces=True,
    fields={
        "tests": _COMPUTED,
        "retries": _COMPUTED,
        **dict.fromkeys(PERIODS, Property(same_duration, computed=True)),
    },
)
_ABILITIES = Property(
    "block", replaces=True, fields={"adds": Property("set"), "drops": Property("set")}
)

CONTAINER = ResourceType(
    "docker:index/container:Container",
    properties={
        **dict.fromkeys((*CONFIG, *HOST), _FOUND),
        **dict.fromkeys(_LIMITS, _COMPUTED),
        "image": Property(required=True, replaces=True),
        "name": Property(replaces=True, named="hex"),
        "capabilities": _ABILITIES,
        "dns": Property("set", replaces=True),
        "envs": Property("set", computed=True, replaces=True),
        "groupAdds": Property("set", replaces=True),
        "healthcheck": _HEALTHCHECK,
        "hosts": _block_set("host ip", ""),
        "labels": _block_set("label value", ""),
        "logDriver": _FOUND,
        "logOpts": Property("map", computed=True, replaces=True),
        "mounts": Property(
            "blockset",
            replaces=True,
            fields={
                "target": _REQUIRED,
                "type": _REQUIRED,
                "source": Property(),
                "readOnly": Property(),
                "tmpfsOptions": Property(
                    "block", fields={"mode": Property(), "sizeBytes": Property()}
                ),
            },
        ),
        "networksAdvanced": _block_set("name", "aliases ipv4Address"),
        "platform": _FIXED,
        "ports": _block_set("internal", "external ip protocol"),
        "securityOpts": Property("set", computed=True, replaces=True),
        "shmSize": _FOUND,
        "sysctls": Property("map", replaces=True),
        "tmpfs": Property("map", replaces=True),
        "volumes": _block_set("", "containerPath fromContainer hostPath readOnly volumeName"),
        "destroyGraceSeconds": Property(),
        "mustRun": Property(default=True),
        "networkMode": Property(replaces=True, default="bridge"),
        "privileged": _FIXED,
        "readOnly": Property(replaces=True, default=False),
        "removeVolumes": Property(default=True),
        "restart": Property(default="no"),
        "rm": Property(default=False),
        "start": Property(default=True),
        "stdinOpen": Property(replaces=True, default=False),
        "tty": Property(replaces=True, default=False),
        "wait": Property(default=False),
        "waitTimeout": Property(default=60),
    },
    outputs=frozenset({"bridge", "containerLogs", "exitCode", "networkDatas"}),
    create=_create,
    complete=_complete,
    read=_read,
    update=_update,
    delete=_delete,
    refuse=_refuse,
)
