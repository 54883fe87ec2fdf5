"""The Docker engine: the one that is here already, or one of this state folder's own."""

import fcntl
import os
import shutil
import subprocess
from collections.abc import Mapping

from offline.engine_bridge import make_bridge, remove_bridge
from offline.engine_process import Daemon
from offline.engine_weight import AHEAD, weigh_containers
from offline.setup_error import SetupError
from offline.setup_place import DAEMON_FOLDERS, State, find_program


def daemon(state: State) -> Daemon:
    folder = state.folder
    return Daemon("dockerd", folder / "dockerd.pid", folder / "dockerd.log", f"{folder}/docker")


def answers(host: str | None) -> bool:
    """Whether an engine answers at a DOCKER_HOST address; None is Docker's own default."""
    docker = find_program("docker")
    if docker is None:
        return False
    env = {name: value for name, value in os.environ.items() if name != "DOCKER_HOST"}
    argv = [str(docker), "version", "--format", "{{.Server.Version}}"]
    try:
        done = subprocess.run(  # noqa: S603
            argv, env=env | ({"DOCKER_HOST": host} if host else {}), capture_output=True, timeout=20
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def address_here(state: State, environ: Mapping[str, str] = os.environ) -> str | None:
    """The engine's address that the user chose; our own address in the environment is no choice."""
    host = environ.get("DOCKER_HOST")
    return None if host == state.docker_host else host


def wants_own(state: State, environ: Mapping[str, str] = os.environ) -> bool:
    """Whether this state needs an engine of its own: it has one, or none answers here.

    Raises SetupError when DOCKER_HOST names an engine that doesn't answer.
    """
    if daemon(state).pid() is not None or environ.get("DOCKER_HOST") == state.docker_host:
        return True
    chosen = address_here(state, environ)
    if answers(chosen):
        return False
    if chosen is None:
        return True
    raise SetupError(
        f"no Docker engine answers at DOCKER_HOST={chosen}; start it, or `unset DOCKER_HOST` and "
        "run this again to use the engine of this machine"
    )


def up(state: State) -> str:
    """Makes sure of an engine; says which, in a few words."""
    if not wants_own(state):
        return f"was here already ({address_here(state) or 'default address'})"
    own = daemon(state)
    if (pid := own.pid()) is not None and answers(state.docker_host):
        return f"running (ours, pid {pid})"
    argv = _command(state)
    for name in ("docker.pid", "docker.sock"):
        (state.runtime / name).unlink(missing_ok=True)
    # Engines that start at once would take the same bridge, and each other's rules away.
    with (state.runtime.parent / "slipway-engines.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        argv += make_bridge(state)
        pid = own.start(argv, lambda: answers(state.docker_host), 60)
    return f"started (pid {pid}); {weigh_containers()}"


def down(state: State) -> bool:
    """Stops our engine and with it its containers; tells whether there was one."""
    stopped = daemon(state).stop()
    remove_bridge(state)
    shutil.rmtree(state.runtime, ignore_errors=True)
    return stopped


def _command(state: State) -> list[str]:
    program = find_program("dockerd")
    if program is None or find_program("docker") is None:
        raise SetupError("Docker is not installed; run `make setup`, or install it and start it")
    if os.getuid() != 0:
        raise SetupError(
            "no Docker engine answers, and only root can start one; start Docker (for instance "
            "`sudo systemctl start docker`) and see that `docker ps` works for you"
        )
    os.environ["PATH"] = f"{os.environ.get('PATH', os.defpath)}:{DAEMON_FOLDERS}"
    if shutil.which("iptables") is None:
        raise SetupError("iptables is not installed, and dockerd needs it; run `make setup`")
    return [
        *AHEAD,
        str(program),
        f"--host={state.docker_host}",
        "--data-root",
        f"{state.folder}/docker",
        f"--exec-root={state.runtime}/docker",
        f"--pidfile={state.runtime}/docker.pid",
    ]
