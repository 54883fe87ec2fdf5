"""The machines of a cloud: a container for every instance that moto says it runs."""

import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from aiohttp import web
from moto.ec2.models import ec2_backends
from moto.ec2.models.instances import Instance

from localcloud.ec2 import files
from localcloud.ec2.credentials import RoleCredentials
from localcloud.ec2.engine import Engine
from localcloud.ec2.metadata import MetadataService, user_data
from localcloud.limits import Limits
from localcloud.place import Place
from localcloud.problem import CloudError
from localcloud.registry.loop import LoopThread


class Machines:
    """Makes, stops, starts and removes machines and their metadata services."""

    def __init__(
        self,
        place: Place,
        engine: Engine,
        loop: LoopThread,
        credentials: RoleCredentials,
        limits: Limits,
    ) -> None:
        self._place, self.engine, self._loop = place, engine, loop
        self._credentials, self._limits = credentials, limits
        self._runners: dict[str, web.AppRunner] = {}
        self._pool = ThreadPoolExecutor(4, "machines")
        self._image = ""
        self._ports = (0, 0)
        self._prepared = threading.Event()
        self._problem = "the machine image is still being imported"

    def prepare(self, tar: Path, port: int, registry_port: int) -> None:
        """Imports the machine image in the background; a machine that is asked for waits."""
        self._ports = (port, registry_port)

        def work() -> None:
            try:
                self._image = self.engine.image(tar)
                self._problem = "ready"
            except Exception as error:
                self._problem = str(error)
            self._prepared.set()

        threading.Thread(target=work, daemon=True, name="machine-image").start()

    def health(self) -> str:
        """One line: the machine image's state."""
        return self._problem

    def create(self, instances: list[Instance]) -> None:
        """Boots machines for new instances and gives these the machines' addresses."""
        list(self._pool.map(self._create, instances))

    def stop(self, instance: Instance) -> None:
        """Shuts a machine down."""
        self.engine.stop(instance.id)

    def start(self, instance: Instance) -> None:
        """Boots a machine again; it may get another address."""
        address(instance, self.engine.start(instance.id))

    def reboot(self, instance: Instance) -> None:
        """Shuts a machine down and boots it."""
        self.engine.restart(instance.id)
        address(instance, self.engine.address(instance.id))

    def remove(self, instance: Instance) -> None:
        """Removes a machine, its disk and its metadata service."""
        self.engine.remove(instance.id)
        runner = self._runners.pop(instance.id, None)
        if runner is not None:
            self._loop.call(runner.cleanup())
        for folder in (self._place.machine_sockets, self._place.machine_steps):
            shutil.rmtree(folder(instance.id), ignore_errors=True)

    def observe(self) -> None:
        """Tells moto which machines have been switched off from within."""
        for name in self.engine.instances(off=True):
            instance = find(name)
            if instance is not None and instance.is_running():
                instance.stop()

    def _create(self, instance: Instance) -> None:
        self._prepared.wait()
        if not self._image:
            raise CloudError(self._problem)
        self._loop.call(self._serve_metadata(instance))
        self._place.machine_steps(instance.id).mkdir(mode=0o700, parents=True, exist_ok=True)
        mounts, disk = files.mounts(self._place, instance.id), self._limits.machine_disk_mib
        self.engine.create(instance.id, self._image, mounts, int(disk))
        self.engine.copy_in(instance.id, files.first_boot(*self._ports, user_data(instance)))
        address(instance, self.engine.start(instance.id))

    async def _serve_metadata(self, instance: Instance) -> None:
        folder = self._place.machine_sockets(instance.id)
        folder.mkdir(parents=True, exist_ok=True)
        service = MetadataService(instance, self._credentials)
        runner = web.AppRunner(service.application(), access_log=None)
        await runner.setup()
        await web.UnixSite(runner, str(folder / "imds.sock")).start()
        self._runners[instance.id] = runner


def address(instance: Instance, ip: str) -> None:
    """Gives moto's instance the address that its machine really has."""
    nic = instance.nics[0]
    nic.private_ip_address = ip
    for entry in nic.private_ip_addresses:
        if entry.get("Primary"):
            entry["PrivateIpAddress"] = ip


def find(instance_id: str) -> Instance | None:
    """moto's instance of an id, in any account and region."""
    for account in list(ec2_backends.values()):
        for backend in list(account.values()):
            for reservation in list(backend.reservations.values()):
                for instance in reservation.instances:
                    if instance.id == instance_id:
                        return instance
    return None
