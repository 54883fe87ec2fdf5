"""The load balancer in front of one service of ECS."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.documents.physical_names import physical_name
from components.documents.task_definition import Balancer, EcsServiceSpec
from components.ecs_network import EcsNetwork

PRIVATE_RANGES = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
"""RFC 1918: who reaches a balancer that isn't public."""

TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-2021-06"
"""TLS 1.3, and 1.2 for those who lack it."""


@dataclass(frozen=True, kw_only=True)
class EcsBalancerArgs:
    """What is balanced, and for whom."""

    stack: str
    """Name of the stack."""
    service: EcsServiceSpec
    """The service; with a balancer it has a port and a health path."""
    network: EcsNetwork
    """Its network; a balancer needs two subnets at least."""
    protect: bool = False
    """AWS and Pulumi refuse to delete it."""


class EcsBalancer(pulumi.ComponentResource):
    """Makes a load balancer that asks tasks every 5 s; gives back its address.

    Two answers decide: healthy after 10 s, and given up after 10 s.
    """

    url: pulumi.Output[str]
    """Its address; with a certificate it's the names in that which lead here by DNS."""
    target_group_arn: pulumi.Output[str]
    """What the service's tasks are put into."""
    security_group_id: pulumi.Output[str]
    """Where requests to tasks come from."""

    def __init__(
        self, name: str, args: EcsBalancerArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """`name` is the logical name. Raises `ValueError` for fewer than two subnets."""
        super().__init__("slipway:index:EcsBalancer", name, None, opts)
        if len(args.network.subnets) < 2:
            raise ValueError(
                f"{args.service.name}: a balancer needs two subnets, in two zones; given: "
                f"{', '.join(args.network.subnets)}"
            )
        self._name = name
        self._child = pulumi.ResourceOptions(parent=self)
        group = self._create_security_group(args)
        balancer = self._create_balancer(args, group)
        targets = self._create_target_group(args)
        self._create_listeners(args, balancer, targets)
        scheme = "https" if _wanted(args).certificate else "http"
        self.url = pulumi.Output.format("{0}://{1}", scheme, balancer.dns_name)
        self.target_group_arn, self.security_group_id = targets.arn, group.id
        self.register_outputs({"url": self.url, "target_group_arn": self.target_group_arn})

    def _create_security_group(self, args: EcsBalancerArgs) -> aws.ec2.SecurityGroup:
        everybody = ("0.0.0.0/0",) if _wanted(args).public else PRIVATE_RANGES
        ports = (80, 443) if _wanted(args).certificate else (80,)
        return aws.ec2.SecurityGroup(
            f"{self._name}-balancer-group",
            description="The balancer of a service: HTTP comes in, and goes to its tasks",
            vpc_id=args.network.vpc,
            ingress=[
                aws.ec2.SecurityGroupIngressArgs(
                    description=f"port {port}",
                    protocol="tcp",
                    from_port=port,
                    to_port=port,
                    cidr_blocks=list(_wanted(args).open_to or everybody),
                )
                for port in ports
            ],
            egress=[
                aws.ec2.SecurityGroupEgressArgs(
                    description="to the tasks",
                    protocol="tcp",
                    from_port=args.service.port or 0,
                    to_port=args.service.port or 0,
                    cidr_blocks=["0.0.0.0/0"],
                )
            ],
            opts=self._child,
        )

    def _create_balancer(
        self, args: EcsBalancerArgs, group: aws.ec2.SecurityGroup
    ) -> aws.lb.LoadBalancer:
        return aws.lb.LoadBalancer(
            f"{self._name}-balancer",
            name=physical_name(args.stack, args.service.name, longest=32),
            load_balancer_type="application",
            internal=not _wanted(args).public,
            subnets=list(args.network.subnets),
            security_groups=[group.id],
            drop_invalid_header_fields=True,
            enable_deletion_protection=args.protect,
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect),
        )

    def _create_target_group(self, args: EcsBalancerArgs) -> aws.lb.TargetGroup:
        service = args.service
        return aws.lb.TargetGroup(
            f"{self._name}-targets",
            name=_target_group_name(args),
            target_type="ip",
            vpc_id=args.network.vpc,
            protocol="HTTP",
            port=service.port,
            # AWS's own 300 s, and health checks of 5 x 30 s, make a rollout of 450 s.
            deregistration_delay=service.drain,
            health_check=aws.lb.TargetGroupHealthCheckArgs(
                path=service.health,
                matcher="200-399",
                interval=5,
                timeout=4,
                healthy_threshold=2,
                unhealthy_threshold=2,
            ),
            # A listener holds it: the next one comes first, which its name makes possible.
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=False),
        )

    def _create_listeners(
        self, args: EcsBalancerArgs, balancer: aws.lb.LoadBalancer, targets: aws.lb.TargetGroup
    ) -> None:
        forward = aws.lb.ListenerDefaultActionArgs(type="forward", target_group_arn=targets.arn)
        redirect = aws.lb.ListenerDefaultActionArgs(
            type="redirect",
            redirect=aws.lb.ListenerDefaultActionRedirectArgs(
                port="443", protocol="HTTPS", status_code="HTTP_301"
            ),
        )
        certificate = _wanted(args).certificate
        plain = redirect if certificate else forward
        self._create_listener("http", balancer, 80, "HTTP", [plain])
        if certificate:
            self._create_listener("https", balancer, 443, "HTTPS", [forward], certificate)

    def _create_listener(
        self,
        suffix: str,
        balancer: aws.lb.LoadBalancer,
        port: int,
        protocol: str,
        actions: Sequence[aws.lb.ListenerDefaultActionArgs],
        certificate: str | None = None,
    ) -> None:
        aws.lb.Listener(
            f"{self._name}-{suffix}",
            load_balancer_arn=balancer.arn,
            port=port,
            protocol=protocol,
            certificate_arn=certificate,
            ssl_policy=TLS_POLICY if certificate else None,
            default_actions=actions,
            opts=self._child,
        )


def _wanted(args: EcsBalancerArgs) -> Balancer:
    return args.service.balancer or Balancer()


def _target_group_name(args: EcsBalancerArgs) -> str:
    """A name for each port and network: changing either replaces the group."""
    text = f"{args.stack}/{args.service.name}/{args.service.port}/{args.network.vpc}"
    return f"{args.service.name[:20]}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"
