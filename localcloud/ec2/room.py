"""The machines' parts, put together."""

from pathlib import Path
from typing import Any

from localcloud.aws_request import AwsRequest
from localcloud.ec2.credentials import RoleCredentials
from localcloud.ec2.engine import Engine
from localcloud.ec2.hooks import make_real
from localcloud.ec2.knobs import Knobs
from localcloud.ec2.machines import Machines
from localcloud.ec2.ubuntu import PREFIX, publish
from localcloud.gateway import Handler
from localcloud.limits import Limits
from localcloud.place import Place
from localcloud.registry.loop import LoopThread


class MachineRoom:
    """Engine, machines and the handlers that keep moto's view of them true."""

    def __init__(self, place: Place, loop: LoopThread, limits: Limits) -> None:
        self.engine = Engine(place.label)
        self.machines = Machines(place, self.engine, loop, RoleCredentials(limits), limits)
        self.knobs = Knobs(self.engine)

    def start(self, images: Path, port: int, registry_port: int) -> None:
        """Removes what an earlier server left and imports the machine image meanwhile."""
        self.engine.remove_all()
        self.engine.network.make()
        make_real(self.machines)
        self.machines.prepare(images / "machine.tar", port, registry_port)

    def handlers(self) -> dict[tuple[str, str], Handler]:
        """Handlers that let moto answer, after they have told it what is so."""
        ec2 = ("DescribeInstances", "DescribeInstanceStatus")
        ami = ("RunInstances", "DescribeImages")
        parameters = ("GetParameter", "GetParameters", "GetParametersByPath")
        return {
            **{("ec2", action): self._observe for action in ec2},
            **{("ec2", action): self._publish for action in ami},
            **{("ssm", action): self._publish_parameter for action in parameters},
        }

    def stop(self) -> None:
        """Removes all machines."""
        self.engine.remove_all()

    def _observe(self, _: AwsRequest) -> None:
        self.machines.observe()

    def _publish(self, request: AwsRequest) -> None:
        publish(request.account, request.region)

    def _publish_parameter(self, request: AwsRequest) -> dict[str, Any] | None:
        names = [request.text("Name"), request.text("Path"), *request.items("Names")]
        if any(PREFIX.startswith(name) or name.startswith(PREFIX) for name in names if name):
            publish(request.account, request.region)
        return None
