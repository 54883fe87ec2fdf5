"""Before anything is sent: every host listens, and understands what it would be sent."""

from __future__ import annotations

import time
from collections.abc import Sequence

from clients import ClientError, ssm_fleet
from clients.aws import AwsAccess
from provider.host_inputs import HostInputs
from provider.policy import RolloutError
from provider.resource import Call
from provider.verdict import Verdict

BOOT = 300.0  # seconds that a new host has to begin to listen


class HostRolloutError(RolloutError):
    """Not every host runs what was asked; those that had switched are back, or held."""


def refuse_outdated(access: AwsAccess, wanted: HostInputs) -> None:
    """Raise HostRolloutError if an agent would run the script without the document's values."""
    old = ssm_fleet.outdated(access, wanted.instances)
    if not old:
        return
    oldest = ssm_fleet.OLDEST_AGENT
    hosts = "; ".join(f"{each}: {reason}" for each, reason in old.items())
    raise HostRolloutError(
        f"{wanted.service}: the SSM agent is too old, and nothing was changed: {hosts}; "
        f"allowed: {oldest} or newer, which alone gives values to a script as variables. "
        "Update it by the document AWS-UpdateSSMAgent, or take the host out",
        verdict=Verdict(outcome="kept", why=f"the SSM agent is older than {oldest}: {hosts}"),
    )


def wait_online(access: AwsAccess, call: Call, wanted: HostInputs, new: Sequence[str]) -> None:
    """Fail at once for a known host that is offline; give a new one time to boot.

    Raises HostRolloutError with all that are offline.
    """
    deadline = time.monotonic() + BOOT
    while silent := ssm_fleet.offline(access, wanted.instances):
        if not set(silent) <= set(new) or time.monotonic() > deadline:
            hosts = "; ".join(f"{each}: {reason}" for each, reason in silent.items())
            raise HostRolloutError(
                f"{wanted.service}: not every host is online, and nothing was changed: {hosts}. "
                "Start the instance, see that its role allows Systems Manager, or take it out",
                verdict=Verdict(outcome="kept", why=f"not every host is online: {hosts}"),
            )
        call.status(f"waits for {', '.join(silent)} to boot")
        if call.cancelled.wait(1.0):
            raise ClientError(f"{wanted.service}: cancelled while its host was booting")
