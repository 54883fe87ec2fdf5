"""Which instances SSM manages, and which of them are online."""

import fnmatch
import json
import time
from collections.abc import Iterable, Iterator
from typing import Any

from moto.ec2.models import ec2_backends
from moto.ec2.models.instances import Instance

from localcloud.ec2.credentials import role_of
from localcloud.ec2.engine import Engine

REGISTER = "ssm:UpdateInstanceInformation"
AGENT_VERSION = "3.3.3050.0"
AGENT_UNIT = "amazon-ssm-agent.service"


class Fleet:
    """Sees the machines through the engine; an agent is online once its machine has booted."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._pings: dict[str, float] = {}

    def online(self, instance: str) -> bool:
        """Whether the machine runs, has a network and its agent is active."""
        if not self._engine.address(instance):
            return False
        code, _ = self._engine.run(instance, ["systemctl", "is-active", "--quiet", AGENT_UNIT])
        if code == 0:
            self._pings[instance] = time.time()
        return code == 0

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
            "AgentVersion": AGENT_VERSION,
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


def may_register(instance: Instance) -> bool:
    """Whether the instance's role allows its agent to report to SSM."""
    role = role_of(instance)
    if role is None:
        return False
    documents = [
        version.document
        for policy in role.managed_policies.values()
        for version in policy.versions
        if version.is_default
    ]
    documents += list(role.policies.values())
    return any(allows(document, REGISTER) for document in documents)


def allows(document: Any, action: str) -> bool:
    """Whether a policy document has a statement that allows the action."""
    content = json.loads(document) if isinstance(document, str) else document
    for statement in listed(content.get("Statement", [])):
        if statement.get("Effect") == "Allow":
            patterns = listed(statement.get("Action", []))
            if any(fnmatch.fnmatch(action.lower(), str(p).lower()) for p in patterns):
                return True
    return False


def listed(value: Any) -> Iterator[Any]:
    """A single value or the values of a list."""
    yield from value if isinstance(value, list) else [value]


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
