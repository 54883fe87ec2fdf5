"""The network that the services of a stack run in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi_aws as aws

from components.lookups import looked_up


@dataclass(frozen=True, kw_only=True)
class EcsNetwork:
    """Where tasks get their addresses."""

    vpc: str
    """Id of the VPC."""
    subnets: tuple[str, ...]
    """Ids of its subnets."""
    public_address: bool
    """Whether a task gets a public address: without one, pulling needs NAT or endpoints."""


def find_network(subnets: Sequence[str] = (), *, public_address: bool | None = None) -> EcsNetwork:
    """The network of the given subnets, or the default one with all its default subnets.

    Tasks get a public address in the default network, whose subnets have no other way out, and
    none in given ones, unless `public_address` says so. Raises `ValueError` for a subnet that
    isn't there, for subnets of two networks, and where there is no default network.
    """
    if subnets:
        vpc = _vpc_of(subnets)
        return EcsNetwork(
            vpc=vpc, subnets=tuple(sorted(set(subnets))), public_address=bool(public_address)
        )
    advice = "say `subnets: [subnet-...]` for the service"
    vpc = looked_up("the default network", advice, lambda: str(aws.ec2.get_vpc(default=True).id))
    found = looked_up(f"the subnets of the default network {vpc}", advice, lambda: _subnets(vpc))
    if not found:
        raise ValueError(f"the default network {vpc} has no default subnets; {advice}")
    return EcsNetwork(vpc=vpc, subnets=found, public_address=public_address is not False)


def network_configuration(network: EcsNetwork, security_groups: Sequence[Any]) -> Mapping[str, Any]:
    """The network of a task, in the words of all resources that start one."""
    return {
        "subnets": list(network.subnets),
        "security_groups": list(security_groups),
        "assign_public_ip": network.public_address,
    }


def _vpc_of(subnets: Sequence[str]) -> str:
    by_subnet = {
        subnet: looked_up(
            f"subnet {subnet}",
            "correct `subnets` of the service",
            lambda subnet=subnet: str(aws.ec2.get_subnet(id=subnet).vpc_id),  # type: ignore[misc]
        )
        for subnet in sorted(set(subnets))
    }
    networks = sorted(set(by_subnet.values()))
    if len(networks) > 1:
        places = ", ".join(f"{subnet} in {vpc}" for subnet, vpc in by_subnet.items())
        raise ValueError(
            f"the subnets are in {len(networks)} networks: {places}; take those of one"
        )
    return networks[0]


def _subnets(vpc: str) -> tuple[str, ...]:
    found = aws.ec2.get_subnets(
        filters=[
            aws.ec2.GetSubnetsFilterArgs(name="vpc-id", values=[vpc]),
            aws.ec2.GetSubnetsFilterArgs(name="default-for-az", values=["true"]),
        ]
    )
    return tuple(sorted(str(each) for each in found.ids))
