"""Containers of one cloud on the Docker engine at hand."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import docker
import docker.errors
import urllib3.exceptions

from localcloud.containers.wish import GONE, ContainerState, ContainerWish
from localcloud.ec2.network import network_name
from localcloud.problem import CloudError
from localcloud.removal import remove_container

LABEL = "slipway.localcloud.container"
OWNER = "slipway.localcloud.owner"
POOL = 64
EVENTS = {"start", "die", "oom", "health_status"}
SIGKILL = 137
LOST = (docker.errors.DockerException, urllib3.exceptions.HTTPError, OSError)
"""How a stream ends when the engine does."""


class StartError(Exception):
    """The engine's reason why a container cannot run."""


class Containers:
    """Makes, starts, watches and removes containers; told apart by the cloud's label."""

    def __init__(self, label: str) -> None:
        self.label = label
        try:
            self._client: Any = docker.from_env(timeout=600, max_pool_size=POOL)
            self._client.ping()
        except docker.errors.DockerException as error:
            raise CloudError(
                f"no Docker engine answers ({error}); "
                "start it, set DOCKER_HOST, or run `make setup`"
            ) from error
        self._killed: set[str] = set()

    @property
    def api(self) -> Any:
        """The docker package's low-level client."""
        return self._client.api

    @property
    def network(self) -> str:
        """The network that the cloud's machines are on too."""
        return network_name(self.label)

    def run(self, wish: ContainerWish) -> str:
        """Makes and starts a container; gives its id. Raises StartError, leaving nothing."""
        try:
            made = str(self._create(wish)["Id"])
        except docker.errors.APIError as error:
            raise StartError(str(error.explanation or error)) from error
        try:
            self.api.start(made)
        except docker.errors.APIError as error:
            self.remove(made)
            raise StartError(str(error.explanation or error)) from error
        return made

    def _create(self, wish: ContainerWish) -> dict[str, Any]:
        binds = [f"{source}:{target}" for source, target in wish.binds.items()]
        limit = f"{wish.memory_mb}m" if wish.memory_mb else None
        host = self.api.create_host_config(
            network_mode=wish.network or self.network,
            binds=binds,
            tmpfs=wish.tmpfs or None,
            cap_add=list(wish.capabilities),
            mem_limit=limit,
            memswap_limit=limit,
            mem_reservation=f"{wish.reservation_mb}m" if wish.reservation_mb else None,
            read_only=wish.read_only,
        )
        made: dict[str, Any] = self.api.create_container(
            wish.image,
            command=wish.command,
            entrypoint=wish.entrypoint,
            name=f"{self.network}-{wish.name}",
            hostname=wish.hostname,
            environment=wish.environment,
            labels={LABEL: self.label, OWNER: wish.owner},
            user=wish.user,
            working_dir=wish.folder,
            stop_signal=wish.stop_signal,
            healthcheck=wish.health.docker() if wish.health else None,
            host_config=host,
        )
        return made

    def state(self, container: str) -> ContainerState:
        """What became of a container; GONE if the engine does not know it."""
        try:
            found = self.api.inspect_container(container)
        except docker.errors.NotFound:
            return GONE
        state = found["State"]
        running = bool(state["Running"])
        networks = (found["NetworkSettings"]["Networks"] or {}).values()
        return ContainerState(
            running=running,
            exit_code=None if running or state["Status"] == "created" else int(state["ExitCode"]),
            out_of_memory=bool(state["OOMKilled"]) or self._by_kernel(found),
            health=str((state.get("Health") or {}).get("Status", "none")),
            address=next((str(n["IPAddress"]) for n in networks if n["IPAddress"]), ""),
            error=str(state["Error"]),
            pid=int(state["Pid"]),
        )

    def _by_kernel(self, found: dict[str, Any]) -> bool:
        # On some kernels the engine does not notice that memory was the cause. A limited
        # container that ended by a SIGKILL which the engine has not sent was killed for it.
        ended = not found["State"]["Running"] and found["State"]["ExitCode"] == SIGKILL
        return ended and bool(found["HostConfig"]["Memory"]) and found["Id"] not in self._killed

    def stop(self, container: str, seconds: int) -> None:
        """Sends the stop signal, and SIGKILL if it still runs after `seconds`."""
        with contextlib.suppress(docker.errors.NotFound):
            self.api.stop(container, timeout=seconds)

    def remove(self, container: str) -> None:
        """Ends and removes a container with its anonymous volumes; a missing one is no error."""
        remove_container(self.api, container)

    def execute(self, container: str, argv: list[str]) -> tuple[int, str]:
        """Runs argv in the container to its end; gives exit code and output."""
        run = self.api.exec_create(container, argv)["Id"]
        output = cast(bytes, self.api.exec_start(run))
        return int(self.api.exec_inspect(run)["ExitCode"]), output.decode(errors="replace")

    def output(self, container: str) -> Iterator[bytes]:
        """Stdout and stderr from the start, as they come, until container or engine ends."""
        with contextlib.suppress(*LOST):
            yield from self.api.logs(container, stream=True, follow=True)

    def ids(self, owner: str | None = None) -> list[str]:
        """The ids of this cloud's containers, or those of one owner; ended ones too."""
        label = f"{LABEL}={self.label}" if owner is None else f"{OWNER}={owner}"
        filters = {"label": [label, f"{LABEL}={self.label}"]}
        return [str(c["Id"]) for c in self.api.containers(all=True, filters=filters)]

    def remove_all(self) -> list[str]:
        """Removes all containers of this cloud, an earlier server's too; gives their names."""
        ours = {"label": f"{LABEL}={self.label}"}
        found = self.api.containers(all=True, filters=ours)
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda each: self.remove(each["Id"]), found))
        return [c["Names"][0].lstrip("/") for c in found]

    def watch(self, tell: Callable[[str], None]) -> None:
        """Calls `tell` with the owner whenever one of its containers starts, ends or changes
        health, from a thread that lives as long as this process."""

        def work() -> None:
            filters = {"type": "container", "label": f"{LABEL}={self.label}"}
            while True:
                with contextlib.suppress(*LOST, ValueError):
                    for event in self.api.events(filters=filters, decode=True):
                        self._hear(event, tell)
                time.sleep(1)  # The engine has ended; it may come back.

        threading.Thread(target=work, daemon=True, name="container-events").start()

    def _hear(self, event: dict[str, Any], tell: Callable[[str], None]) -> None:
        action = str(event.get("Action", "")).partition(":")[0]
        actor = event["Actor"]
        if action == "kill" and actor["Attributes"].get("signal") == "9":
            self._killed.add(actor["ID"])
        if action == "destroy":
            self._killed.discard(actor["ID"])
        if action in EVENTS:
            tell(actor["Attributes"].get(OWNER, ""))
