"""The Docker engine that the machines run on, through the docker package's untyped client."""

import contextlib
import hashlib
import json
from pathlib import Path
from typing import Any

import docker
import docker.errors

from localcloud.ec2.network import LABEL, Network
from localcloud.problem import CloudError
from localcloud.removal import remove_container

CAPABILITIES = ("SYS_ADMIN", "NET_ADMIN", "SYS_PTRACE", "DAC_READ_SEARCH", "SYS_MODULE", "SYSLOG")
STOP_SECONDS = 10


class Engine:
    """Containers and volumes of one cloud, told apart from others by a label."""

    def __init__(self, label: str) -> None:
        self.label = label
        try:
            self._client: Any = docker.from_env(timeout=600)
            self._client.ping()
        except docker.errors.DockerException as error:
            raise CloudError(
                f"no Docker engine answers ({error}); "
                "start it, set DOCKER_HOST, or run `make setup`"
            ) from error
        self.network = Network(self.api, label)

    @property
    def api(self) -> Any:
        """The low-level client."""
        return self._client.api

    def image(self, tar: Path) -> str:
        """Imports a root file system once per engine; gives the image's name."""
        if not tar.exists():
            raise CloudError(f"the machine image {tar} is missing; run `make setup`")
        stat = tar.stat()
        stamp = hashlib.sha256(f"{stat.st_size}:{stat.st_mtime_ns}".encode()).hexdigest()[:12]
        name = f"slipway-machine:{stamp}"
        if not self.api.images(name, quiet=True):
            answer = self.api.import_image_from_file(
                str(tar), repository="slipway-machine", tag=stamp
            )
            refuse_failed(answer, tar)
        return name

    def create(self, instance: str, image: str, mounts: dict[str, str], disk_mib: int = 0) -> str:
        """A machine's container, not yet started; `mounts` maps host folders to its own.

        `disk_mib` limits what Docker has on it, in memory: it is empty after a power-off. 0: as
        much as this machine has.
        """
        name = self.name(instance)
        binds = [f"{source}:{target}" for source, target in mounts.items()]
        binds += ["/sys/fs/cgroup:/sys/fs/cgroup:rw", f"{name}:/var/lib/docker"]
        small = {"type": "tmpfs", "device": "tmpfs", "o": f"size={disk_mib}m"} if disk_mib else None
        self.api.create_volume(name, labels={LABEL: self.label}, driver_opts=small)
        host = self.api.create_host_config(
            network_mode=self.network.name,
            cap_add=list(CAPABILITIES),
            security_opt=["seccomp=unconfined", "apparmor=unconfined"],
            tmpfs={"/run": "", "/tmp": "exec,mode=1777"},  # noqa: S108
            binds=binds,
        )
        host["CgroupnsMode"] = "host"  # the package's own parameter wants a newer engine
        made = self.api.create_container(
            image,
            command=["/sbin/init"],
            name=name,
            hostname=instance,
            environment={"container": "docker"},
            labels={LABEL: self.label, "instance": instance},
            stop_signal="SIGRTMIN+3",
            host_config=host,
        )
        return str(made["Id"])

    def name(self, instance: str) -> str:
        """The container's and volume's name of an instance."""
        return f"{self.network.name}-{instance}"

    def copy_in(self, instance: str, archive: bytes) -> None:
        """Unpacks a tar archive at the root of a machine that doesn't run: see `step_files`."""
        self.api.put_archive(self.name(instance), "/", archive)

    def start(self, instance: str) -> str:
        """Starts the machine; gives its address."""
        self.api.start(self.name(instance))
        return self.address(instance)

    def address(self, instance: str) -> str:
        """The machine's address, empty if it is off or cut from the network."""
        try:
            state = self.api.inspect_container(self.name(instance))
        except docker.errors.NotFound:
            return ""
        if not state["State"]["Running"]:
            return ""
        networks = state["NetworkSettings"]["Networks"].values()
        return next((str(n["IPAddress"]) for n in networks if n["IPAddress"]), "")

    def boot(self, instance: str) -> str:
        """When the machine was booted last; empty if it is off or gone."""
        with contextlib.suppress(docker.errors.NotFound):
            state = self.api.inspect_container(self.name(instance))["State"]
            return str(state["StartedAt"]) if state["Running"] else ""
        return ""

    def connect(self, instance: str, wanted: bool) -> None:
        """Takes the machine's network away, or gives it one again, maybe with another address."""
        if wanted == bool(self.address(instance)):
            return
        if wanted:
            self.api.connect_container_to_network(self.name(instance), self.network.name)
        else:
            self.api.disconnect_container_from_network(self.name(instance), self.network.name)

    def stop(self, instance: str) -> None:
        """Shuts the machine down, by force after ten seconds."""
        with contextlib.suppress(docker.errors.NotFound):
            self.api.stop(self.name(instance), timeout=STOP_SECONDS)

    def restart(self, instance: str) -> None:
        """Reboots the machine."""
        self.api.restart(self.name(instance), timeout=STOP_SECONDS)

    def remove(self, instance: str) -> None:
        """Removes the machine and its volume."""
        remove_container(self.api, self.name(instance))
        with contextlib.suppress(docker.errors.NotFound):
            self.api.remove_volume(self.name(instance), force=True)

    def remove_all(self) -> list[str]:
        """Removes all machines, volumes and networks of this cloud; gives the machines' names.

        Raises CloudError if somebody else uses its network.
        """
        ours = {"label": f"{LABEL}={self.label}"}
        names = [c["Names"][0].lstrip("/") for c in self.api.containers(all=True, filters=ours)]
        for name in names:
            remove_container(self.api, name)
        for volume in self.api.volumes(filters=ours)["Volumes"] or []:
            self.api.remove_volume(volume["Name"], force=True)
        self.network.remove()
        return names

    def instances(self, *, off: bool = False) -> set[str]:
        """The instances of this cloud that have a machine; with `off` those not running alone."""
        ours = {"label": [f"{LABEL}={self.label}", "instance"]}
        found = self.api.containers(all=True, filters=ours)
        return {c["Labels"]["instance"] for c in found if not off or c["State"] != "running"}

    def run(self, instance: str, argv: list[str]) -> tuple[int, str]:
        """Runs argv in the machine to its end; gives exit code and output."""
        run = self.api.exec_create(self.name(instance), lingering(argv))["Id"]
        output = self.api.exec_start(run).decode(errors="replace")
        return int(self.api.exec_inspect(run)["ExitCode"]), output


def lingering(argv: list[str]) -> list[str]:
    """The same command, which ends a moment later.

    Docker sometimes loses what a command printed that ends at once (3 of 1,200 on a busy machine).
    """
    return ["sh", "-c", '"$@"; code=$?; sleep 0.1; exit $code', "sh", *argv]


def refuse_failed(answer: str, tar: Path) -> None:
    """Raises CloudError if the engine's answer to an import has an error in it."""
    for line in str(answer).splitlines():
        error = json.loads(line).get("error") if line.startswith("{") else None
        if error:
            raise CloudError(f"Docker cannot import {tar}: {error}")
