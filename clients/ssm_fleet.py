"""Which hosts can't take a command: those that don't listen, and those too old to understand it."""

from __future__ import annotations

from collections.abc import Sequence

from clients.aws import AwsAccess
from clients.ssm_agents import agents

OLDEST_AGENT = "3.3.2746.0"
"""From here on the agent gives parameters to a script as variables (interpolationType ENV_VAR); an
older one doesn't know that word:
https://docs.aws.amazon.com/systems-manager/latest/userguide/documents-syntax-data-elements-parameters.html"""


def offline(access: AwsAccess, instances: Sequence[str]) -> dict[str, str]:
    """The instances that don't listen, each with the reason. Raises AwsError."""
    known = agents(access, instances)
    return {
        instance: f"its agent is {known[instance].ping}"
        if instance in known
        else "Systems Manager does not know it"
        for instance in instances
        if instance not in known or known[instance].ping != "Online"
    }


def outdated(access: AwsAccess, instances: Sequence[str]) -> dict[str, str]:
    """The instances whose agent is older than OLDEST_AGENT, each with its version in words.

    One that Systems Manager does not know is not judged. Raises AwsError.
    """
    known = agents(access, instances)
    return {
        instance: f"its agent is {known[instance].version or 'of an unknown version'}"
        for instance in instances
        if instance in known and _number(known[instance].version) < _number(OLDEST_AGENT)
    }


def _number(version: str) -> tuple[int, ...]:
    parts = (part for part in version.split(".") if part.isascii() and part.isdecimal())
    return tuple(int(part[:9]) for part in parts)
