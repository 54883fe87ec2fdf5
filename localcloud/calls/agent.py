"""What the SSM agent of a machine calls with the machine's role, as AWS documents it.

The agent here is the cloud's own and asks nobody, so its calls are judged and taken down by the
book: https://docs.aws.amazon.com/systems-manager/latest/userguide/systems-manager-setting-up-messageAPIs.html
From version 3.3.40.0 on it listens at ssmmessages, and at ec2messages only where that is closed.
"""

from typing import Any

from moto.ec2.models.instances import Instance

from localcloud.calls.caller import of_role
from localcloud.calls.checkpoint import demand, judged
from localcloud.calls.need import Need
from localcloud.calls.owners import Owned
from localcloud.ec2.credentials import role_of

CHANNEL = ("ssmmessages:CreateControlChannel", "ssmmessages:OpenControlChannel")
FORMER = (
    "ec2messages:GetEndpoint",
    "ec2messages:GetMessages",
    "ec2messages:AcknowledgeMessage",
    "ec2messages:SendReply",
    "ec2messages:DeleteMessage",
    "ec2messages:FailMessage",
)


def may_register(instance: Instance) -> bool:
    """Whether the machine's role lets its agent report to SSM and listen for commands."""
    role = role_of(instance)
    return role is not None and not any(
        judged(of_role(role, instance.id), need, instance.region_name, Owned())
        for need in needs(instance, role)
    )


def note_registration(instance: Instance) -> None:
    """Takes down that the agent has reported and opened its channel."""
    role = role_of(instance)
    if role is not None:
        demand(of_role(role, instance.id, "host"), needs(instance, role), instance.region_name)


def needs(instance: Instance, role: Any) -> list[Need]:
    """What the agent calls: to report, and to hear of commands on the newest way that is open."""
    arn = f"arn:aws:ec2:{instance.region_name}:{instance.owner_id}:instance/{instance.id}"
    source = {"ssm:SourceInstanceARN": [arn], "ec2:SourceInstanceARN": [arn]}
    report = Need(
        action="ssm:UpdateInstanceInformation", resource=arn, context=source, by="documented"
    )
    channel = [Need(action=each, context=source, by="documented") for each in CHANNEL]
    caller = of_role(role, instance.id)
    closed = any(judged(caller, each, instance.region_name, Owned()) for each in channel)
    former = [Need(action=each, context=source, by="documented") for each in FORMER]
    return [report, *(former if closed else channel)]
