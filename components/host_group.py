"""The security group of a host."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws


def create_host_group(
    name: str,
    *,
    vpc: pulumi.Input[str] | None,
    open_to: Sequence[str],
    ports: Sequence[int],
    opts: pulumi.ResourceOptions,
) -> aws.ec2.SecurityGroup:
    """Registers it: `open_to` (CIDR blocks) reaches the ports, nothing else comes in.

    `vpc` is None for the default network.
    """
    ingress = [
        aws.ec2.SecurityGroupIngressArgs(
            description=f"published port {port}",
            protocol="tcp",
            from_port=port,
            to_port=port,
            cidr_blocks=list(open_to),
        )
        for port in sorted(set(ports))
        if open_to
    ]
    egress = aws.ec2.SecurityGroupEgressArgs(
        description="all", protocol="-1", from_port=0, to_port=0, cidr_blocks=["0.0.0.0/0"]
    )
    return aws.ec2.SecurityGroup(
        f"{name}-security-group",
        description="A host of slipway: nothing comes in for deploying",
        vpc_id=vpc,
        ingress=ingress,
        egress=[egress],
        opts=opts,
    )
