"""Which instances SSM manages, and which of them are online."""

import time
from collections.abc import Iterable
from typing import Any

from moto.ec2.models import ec2_backends
from moto.ec2.models.instances import Instance

from localcloud.calls.agent import may_register, note_registration
from localcloud.ec2.engine import Engine
from localcloud.ec2.knobs import Knobs
from localcloud.ec2.machines import find

VARIABLES_SINCE = (3, 3, 2746, 0)
AGENT_UNIT = "amazon-ssm-agent.service"


class Fleet:
    """Sees the machines through the engine; an agent is online once its machine has booted."""

    def __init__(self, engine: Engine, knobs: Knobs) -> None:
        self._engine, self._knobs = engine, knobs
        self._pings: dict[str, float] = {}

    def online(self, instance: str) -> bool:
        """Whether the machine runs, has a network and its agent is active."""
        if not self._engine.address(instance):
            return False
        code, _ = self._engine.run(instance, ["systemctl", "is-active", "--quiet", AGENT_UNIT])
        if code == 0:
            made = find(instance) if instance not in self._pings else None
            if made is not None:
                note_registration(made)
            self._pings[instance] = time.time()
        return code == 0

    def knows_variables(self, instance: str) -> bool:
        """Whether the agent knows interpolationType ENV_VAR."""
        return tuple(map(int, self._knobs.agent(instance).split("."))) >= VARIABLES_SINCE

    def managed(self, account: str, region: str) -> list[tuple[Instance, bool]]:
        """Instances that have ever reported to SSM, with whether they are online now."""
        found = []
        for instance in instances(account, region):
            if may_register(instance):
                online = self.online(instance.id)
                if instance.id in self._pings:
                    found.append((instance, online))
        return found

    def known(self, instance: Instance) -> bool:
        """Whether SSM takes commands for the instance."""
        return may_register(instance) and (instance.id in self._pings or self.online(instance.id))

    def information(self, instance: Instance, online: bool) -> dict[str, Any]:
        """An entry of DescribeInstanceInformation."""
        return {
            "InstanceId": instance.id,
            "PingStatus": "Online" if online else "ConnectionLost",
            "LastPingDateTime": self._pings[instance.id],
            "AgentVersion": self._knobs.agent(instance.id),
            "IsLatestVersion": True,
            "PlatformType": "Linux",
            "PlatformName": "Debian GNU/Linux",
            "PlatformVersion": "12",
            "ResourceType": "EC2Instance",
            "IPAddress": instance.private_ip or "",
            "ComputerName": instance.private_dns_name,
        }


def instances(account: str, region: str) -> list[Instance]:
    """The instances of an account's region that are not terminated."""
    backend = ec2_backends[account][region]
    every = [i for r in list(backend.reservations.values()) for i in r.instances]
    return [instance for instance in every if instance.state != "terminated"]


def tags(instance: Instance) -> dict[str, str]:
    """The instance's tags."""
    return {tag["key"]: tag["value"] for tag in instance.get_tags()}


def chosen(fleet: Iterable[Instance], targets: list[dict[str, Any]]) -> list[Instance]:
    """The instances that match all targets: tag:NAME, tag-key or InstanceIds."""

    def match(instance: Instance, target: dict[str, Any]) -> bool:
        key, wanted = str(target["Key"]), target["Values"]
        if key.lower() == "instanceids":
            return instance.id in wanted
        if key == "tag-key":
            return any(name in wanted for name in tags(instance))
        return key.startswith("tag:") and tags(instance).get(key[4:]) in wanted

    return [i for i in fleet if all(match(i, target) for target in targets)]
