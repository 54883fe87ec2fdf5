"""moto's instances made real: what moto does to an instance is done to its machine."""

from collections.abc import Callable
from typing import Any

from moto.ec2.models.instances import Instance, InstanceBackend

from localcloud.ec2.machines import Machines


def make_real(machines: Machines) -> None:
    """Hooks the machines into moto, for every way in which it makes and ends instances."""
    original = InstanceBackend.run_instances

    def run_instances(self: InstanceBackend, *args: Any, **kwargs: Any) -> Any:
        reservation = original(self, *args, **kwargs)
        give_profile(self, reservation.instances[1:], kwargs)
        try:
            machines.create(reservation.instances)
        except Exception:
            for instance in reservation.instances:
                instance.terminate()
            raise
        return reservation

    InstanceBackend.run_instances = run_instances  # type: ignore[method-assign]
    follow("stop", machines.stop)
    follow("start", machines.start)
    follow("reboot", machines.reboot)
    follow("terminate", machines.remove)


def give_profile(backend: Any, instances: list[Instance], asked: dict[str, Any]) -> None:
    """Gives the others of a call its profile too: moto gives it to the first alone, afterwards."""
    given = {
        key: asked[key]
        for key in ("iam_instance_profile_name", "iam_instance_profile_arn")
        if asked.get(key)
    }
    for instance in instances if given else []:
        backend.associate_iam_instance_profile(instance_id=instance.id, **given)


def follow(method: str, act: Callable[[Instance], None]) -> None:
    """Does `act` after moto's method of an instance."""
    original = getattr(Instance, method)

    def both(self: Instance) -> Any:
        result = original(self)
        act(self)
        return result

    setattr(Instance, method, both)
